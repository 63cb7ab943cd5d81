import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import fc from "fast-check";
import {
  add,
  checkpoint,
  defaultDevice,
  type DType,
  full,
  grad,
  maximum,
  noGrad,
  ones,
  pow,
  rsub,
  sub,
  type Tensor,
  tensor,
  where,
} from "@downhill/core";

const int32 = (data: number[]): Tensor => tensor(data, { dtype: "int32" });
const float64 = (data: number[]): Tensor => tensor(data, { dtype: "float64" });
const list = async (x: Tensor): Promise<number[]> => [...(await x.data())];

describe("numbers beside tensors", () => {
  it("may stand first in the free functions", async () => {
    const x = tensor([1, 2, 3]);
    expect(await list(sub(1, x))).toEqual([0, -1, -2]);
    expect(await list(rsub(1, x))).toEqual([0, 1, 2]);
    expect(await list(pow(2, x))).toEqual([2, 4, 8]);
    expect(await list(maximum(2, x))).toEqual([2, 2, 3]);
    expect(await list(add(true, x))).toEqual([2, 3, 4]);
  });

  it("take part in the dtype as PyTorch's scalars do", () => {
    const dtypeWith = (dtype: DType, number: number | boolean): DType => ones([2], { dtype }).mul(number).dtype;
    expect(dtypeWith("bool", true)).toBe("bool");
    expect(dtypeWith("bool", 2)).toBe("int32");
    expect(dtypeWith("uint8", 2)).toBe("uint8");
    expect(dtypeWith("uint8", 2.5)).toBe("float32");
    expect(dtypeWith("float64", 2.5)).toBe("float64");
    expect(where(tensor([true]), 1, 0).dtype).toBe("int32");
    expect(where(tensor([true]), 1.5, 0).dtype).toBe("float32");
  });

  it("make no other Program, but for the exponents that are products and roots", async () => {
    const x = tensor([1, 4]);
    const programs = defaultDevice().programs;
    const compiledBy = async (make: () => Tensor): Promise<number> => {
      const before = programs.compiled;
      await make().data();
      return programs.compiled - before;
    };
    await x.pow(1.5).data();
    for (const exponent of [0, 1, 4, -2, 1.7]) expect(await compiledBy(() => x.pow(exponent))).toBe(0);
    await x.mul(x).data();
    await x.sqrt().data();
    await x.reciprocal().data();
    expect(await compiledBy(() => x.pow(2))).toBe(0);
    expect(await compiledBy(() => x.square())).toBe(0);
    expect(await compiledBy(() => x.pow(0.5))).toBe(0);
    expect(await compiledBy(() => x.pow(-1))).toBe(0);
    expect(await list(x.pow(3))).toEqual([1, 64]);
    expect(await list(x.pow(-0.5))).toEqual([1, 0.5]);
  });
});

describe("integers", () => {
  const whole = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  const wrap = (x: bigint): number => Number(BigInt.asIntN(32, x));

  it("add, subtract and multiply modulo 2^32", async () => {
    await fc.assert(
      fc.asyncProperty(whole, whole, async (a, b) => {
        const [x, y] = [int32([a]), int32([b])];
        expect(await list(x.add(y))).toEqual([wrap(BigInt(a) + BigInt(b))]);
        expect(await list(x.sub(y))).toEqual([wrap(BigInt(a) - BigInt(b))]);
        expect(await list(x.mul(y))).toEqual([wrap(BigInt(a) * BigInt(b))]);
        expect(await list(x.neg())).toEqual([wrap(-BigInt(a))]);
      }),
    );
  });

  it("have powers modulo 2^32", async () => {
    await fc.assert(
      fc.asyncProperty(whole, fc.integer({ min: 0, max: 70 }), async (a, n) => {
        expect(await list(int32([a]).pow(int32([n])))).toEqual([wrap(BigInt(a) ** BigInt(n))]);
      }),
    );
  });

  it("divide exactly: x = y · floorDivide + remainder = y · trunc + fmod", async () => {
    const divisor = whole.filter((y) => y !== 0 && y !== -1);
    await fc.assert(
      fc.asyncProperty(whole, divisor, async (a, b) => {
        const [x, y] = [int32([a]), int32([b])];
        const [big, by] = [BigInt(a), BigInt(b)];
        const cut = big / by;
        const rest = big % by;
        const down = rest !== 0n && rest < 0n !== by < 0n ? cut - 1n : cut;
        expect(await list(x.floorDivide(y))).toEqual([Number(down)]);
        expect(await list(x.remainder(y))).toEqual([Number(big - down * by)]);
        expect(await list(x.div(y, { roundingMode: "trunc" }))).toEqual([Number(cut)]);
        expect(await list(x.fmod(y))).toEqual([Number(rest)]);
      }),
    );
  });

  it("of uint8 wrap modulo 256", async () => {
    const byte = fc.integer({ min: 0, max: 255 });
    await fc.assert(
      fc.asyncProperty(byte, byte, async (a, b) => {
        const [x, y] = [tensor([a], { dtype: "uint8" }), tensor([b], { dtype: "uint8" })];
        expect(await list(x.sub(y))).toEqual([(a - b + 256) % 256]);
        expect(await list(x.mul(y))).toEqual([(a * b) % 256]);
        expect(await list(x.pow(y))).toEqual([Number(BigInt(a) ** BigInt(b) % 256n)]);
      }),
    );
  });
});

describe("conversion", () => {
  it("of floats beyond int32 gives its nearest end, and 0 for NaN", async () => {
    const x = tensor([NaN, Infinity, -Infinity, 3e9, -3e9, -1.9]);
    expect(await list(x.to("int32"))).toEqual([0, 2 ** 31 - 1, -(2 ** 31), 2 ** 31 - 1, -(2 ** 31), -1]);
  });

  it("to bool makes everything true but 0, and stores 0 and 1", async () => {
    expect(await list(tensor([0, -0, 0.5, NaN]).to("bool"))).toEqual([0, 0, 1, 1]);
    expect(await list(full([1], false).fill_(7))).toEqual([1]);
  });
});

describe("rounding", () => {
  it("takes halves to the even neighbour, and keeps the sign of 0", async () => {
    expect(await list(tensor([0.5, 1.5, 2.5, 3.5]).round())).toEqual([0, 2, 2, 4]);
    expect(await list(tensor([-0.5, -1.5, -2.5, -0.2, -0]).round())).toEqual([-0, -2, -2, -0, -0]);
  });

  it("moves no number by more than a half, and only to whole ones", async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ noNaN: true, noDefaultInfinity: true }), async (x) => {
        const [rounded] = (await list(float64([x]).round())) as [number];
        expect(Number.isInteger(rounded)).toBe(true);
        expect(Math.abs(rounded - x)).toBeLessThanOrEqual(0.5);
        if (Math.abs(rounded - x) === 0.5) expect(Math.abs(rounded % 2)).toBe(0);
      }),
    );
  });
});

describe("the error function", () => {
  const rows = JSON.parse(readFileSync(new URL("fixtures/error-function.json", import.meta.url), "utf8")) as [
    number,
    number,
    number,
  ][];

  it("is exact to 1e-15 of its value, and so is its complement", async () => {
    const x = float64(rows.map(([x]) => x));
    const [erf, erfc] = [await list(x.erf()), await list(x.erfc())];
    rows.forEach(([, expected, complement], i) => {
      expect(Math.abs(erf[i]! - expected)).toBeLessThanOrEqual(1e-15 * Math.abs(expected));
      expect(Math.abs(erfc[i]! - complement)).toBeLessThanOrEqual(1e-15 * complement);
    });
  });
});

describe("gradients that are written out", () => {
  const slope = async (fn: (x: Tensor) => Tensor, at: number): Promise<number[]> => {
    const x = tensor([at], { dtype: "float64", requiresGrad: true });
    const [first] = grad([fn(x)], [x], { createGraph: true });
    const [second] = grad([first!], [x]);
    return [(await list(first!))[0]!, (await list(second!))[0]!];
  };

  it("differentiate again", async () => {
    const s = 1 / (1 + Math.exp(-0.7));
    const [first, second] = await slope((x) => x.sigmoid(), 0.7);
    expect(first).toBeCloseTo(s * (1 - s), 14);
    expect(second).toBeCloseTo(s * (1 - s) * (1 - 2 * s), 14);
  });

  it("are recomputed inside a checkpoint", async () => {
    const direct = await slope((x) => x.mul(2).sigmoid().mul(3).sigmoid(), 0.3);
    const again = await slope((x) => checkpoint((y: Tensor) => y.mul(2).sigmoid().mul(3).sigmoid(), x), 0.3);
    direct.forEach((expected, i) => expect(again[i]).toBeCloseTo(expected, 14));
  });

  it("use the values of the forward pass, whatever its tensors stand for since", async () => {
    const x = tensor([[0, 1]], { requiresGrad: true });
    const h = x.mul(1);
    const out = h.logsumexp(1);
    h.add_(100);
    out.backward(tensor([1]));
    const e = Math.E;
    expect((await list(x.grad!)).map((g) => g.toFixed(6))).toEqual([1 / (1 + e), e / (1 + e)].map((g) => g.toFixed(6)));
  });

  it("ask for none where there is none to give", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    expect(noGrad(() => x.softmax(0)).requiresGrad).toBe(false);
    expect(tensor([1, 2]).softmax(0).requiresGrad).toBe(false);
    expect(x.softmax(0).requiresGrad).toBe(true);
  });
});

describe("softmax", () => {
  it("stands any size of numbers", async () => {
    const x = tensor([
      [1e4, -1e4, 1e4],
      [-1e4, -1e4, -1e4],
      [-Infinity, 0, -Infinity],
    ]);
    expect(await list(x.softmax(1))).toEqual([0.5, 0, 0.5, ...[1, 1, 1].map((k) => Math.fround(k / 3)), 0, 1, 0]);
    expect(await list(x.logSoftmax(1))).toEqual([
      ...[-Math.LN2, -2e4 - Math.LN2, -Math.LN2].map(Math.fround),
      ...[-Math.log(3), -Math.log(3), -Math.log(3)].map(Math.fround),
      ...[-Infinity, 0, -Infinity],
    ]);
    expect(await list(x.logsumexp(1))).toEqual([1e4 + Math.LN2, -1e4 + Math.log(3), 0].map(Math.fround));
  });
});
