import { readFileSync } from "node:fs";
import * as core from "@downhill/core";
import { type DType, manualSeed, ones, rand, tensor, type Tensor } from "@downhill/core";
import { Device, ReferenceBackend } from "@downhill/core/engine";
import { describe, expect, test } from "vitest";
import { packHalves, toHalf, unpackHalves } from "../src/half.js";
import { WasmBackend } from "../src/wasm/backend.js";

type Standing = readonly ["tensor" | "zeroDim", DType] | readonly ["number", number | boolean];
type Written = number | boolean | "NaN" | "Infinity" | "-Infinity";

// tools/reference/half.py writes it.
const fixture = JSON.parse(readFileSync(new URL("fixtures/half.json", import.meta.url), "utf8")) as {
  readonly rounding: { readonly float32: readonly number[]; readonly float16: readonly number[] };
  readonly promotion: readonly { readonly x: Standing; readonly y: Standing; readonly result: DType }[];
  readonly ops: { readonly x: number[]; readonly y: number[]; readonly results: Readonly<Record<string, Written[]>> };
  readonly printed: readonly { readonly data: Written[]; readonly text: string }[];
  readonly rand: readonly number[];
};

const float16 = { dtype: "float16" } as const;
const { rounding, promotion, ops, printed } = fixture;
const numbers = new Float32Array(Int32Array.from(rounding.float32).buffer);
const expected = new Float32Array(numbers.length);
unpackHalves(Uint16Array.from(rounding.float16), expected);

describe("the float16 nearest to a float32, ties, subnormals and beyond the largest", () => {
  test("is PyTorch's", () => {
    expect(Array.from(numbers, toHalf)).toEqual([...expected]);
  });

  test("has PyTorch's bits, but for those of NaN", () => {
    const bits = [...packHalves(Float32Array.from(numbers, toHalf))];
    const isNan = (at: number): boolean => (bits[at]! & 0x7fff) > 0x7c00;
    expect(bits.map((it, at) => (isNan(at) ? NaN : it))).toEqual(
      rounding.float16.map((it, at) => (isNan(at) ? NaN : it)),
    );
  });

  test("comes back from each of the 65536 patterns", () => {
    const every = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const values = new Float32Array(65536);
    unpackHalves(every, values);
    const back = packHalves(values);
    for (let i = 0; i < 65536; i++) {
      if ((i & 0x7fff) <= 0x7c00) expect(back[i]).toBe(i);
      else expect(values[i]).toBeNaN();
    }
  });

  const backends = {
    "the reference": new ReferenceBackend(),
    "compiled code": new WasmBackend({ name: "compiled", tiering: false }),
    "code without SIMD": new WasmBackend({
      name: "plain",
      tiering: false,
      features: { simd: false, relaxed: false },
    }),
  };
  for (const [name, backend] of Object.entries(backends)) {
    test(`is what ${name} makes of it`, async () => {
      const device = new Device(backend.name, backend);
      const x = tensor(numbers, { device });
      expect(await x.half().data()).toEqual(expected);
      expect(await x.half().float().data()).toEqual(expected);
      expect(await tensor(numbers, { device, ...float16 }).data()).toEqual(expected);
    });
  }
});

const make = ([standing, what]: Standing): Tensor | number | boolean =>
  standing === "number" ? what : ones(standing === "tensor" ? [2] : [], { dtype: what });

test.each(promotion)("float16 $x with $y gives $result", ({ x, y, result }) => {
  expect((make(x) as Tensor).add(make(y) as number).dtype).toBe(result);
  if (y[0] !== "number") expect((make(y) as Tensor).add(make(x) as Tensor).dtype).toBe(result);
});

describe("ops round what float32 gives:", () => {
  const x = tensor(ops.x, float16);
  const y = tensor(ops.y, float16);
  const run: Record<string, () => Tensor> = {
    add: () => x.add(y),
    sub: () => x.sub(y),
    mul: () => x.mul(y),
    div: () => x.div(y),
    maximum: () => x.maximum(y),
    minimum: () => x.minimum(y),
    fmod: () => x.fmod(y),
    remainder: () => x.remainder(y),
    exp: () => x.exp(),
    tanh: () => x.tanh(),
    sqrt: () => x.abs().sqrt(),
    neg: () => x.neg(),
    sum: () => x.sum(),
    mean: () => x.mean(),
    matmul: () => x.view(8, 8).matmul(y.view(8, 8)),
    softmax: () => x.softmax(0),
    logsumexp: () => x.logsumexp(0),
    toInt: () => x.int(),
    toBool: () => x.bool(),
    toDouble: () => x.double(),
    lt: () => x.lt(y),
    eq: () => x.eq(y),
    sort: () => x.sort()[0],
    cat: () => core.cat([x, y]),
    timesTiny: () => x.mul(1e-9),
    timesHuge: () => x.mul(1e6),
  };
  // float32's last digit decides a tie now and then.
  const units: Record<string, number> = { softmax: 1, logsumexp: 1, mean: 1, exp: 1, tanh: 1, sum: 1, matmul: 1 };
  test.each(Object.keys(ops.results))("%s", async (name) => {
    const actual = [...(await run[name]!().data())];
    const wanted = ops.results[name]!.map(Number);
    expect(actual.length).toBe(wanted.length);
    actual.forEach((value, i) => {
      const unit = 2 ** (Math.max(Math.floor(Math.log2(Math.abs(wanted[i]!) || 2 ** -14)), -14) - 10);
      if (value !== wanted[i]) expect(Math.abs(value - wanted[i]!)).toBeLessThanOrEqual((units[name] ?? 0) * unit);
    });
  });
});

test.each(printed)("prints $text", ({ data, text }) => {
  const values = JSON.parse(JSON.stringify(data), (_, it: unknown) => (it === "Infinity" ? Infinity : it)) as number[];
  expect(String(tensor(values, float16))).toBe(text);
});

test("rand draws PyTorch's numbers, and none rounds to 1", async () => {
  manualSeed(0);
  expect(await rand([20], float16).tolist()).toEqual(fixture.rand);
  const many = await rand([100_000], float16).data();
  expect(Math.max(...many.subarray(0, 50_000))).toBeLessThan(1);
});

test("large values keep their places, whether they were interpreted or compiled first", async () => {
  manualSeed(0);
  const x = core.randn([64, 512]).half();
  const y = core.randn([64, 512]).half();
  const [a, b] = [await x.data(), await y.data()];
  const expected = Array.from(a, (value, i) => toHalf(toHalf(value * b[i]!) + 1));
  for (let turn = 0; turn < 3; turn++) expect([...(await x.mul(y).add(1).data())]).toEqual(expected);
  expect([...(await x.abs().data())]).toEqual(Array.from(a, Math.abs));
});

test("a gradient has its leaf's dtype, through ops of both precisions", async () => {
  const w = tensor([0.1, 0.2], { ...float16, requiresGrad: true });
  const x = tensor([3, 4]);
  const loss = w.float().mul(x).sum();
  loss.backward();
  expect(loss.dtype).toBe("float32");
  expect(w.grad?.dtype).toBe("float16");
  expect(await w.grad?.tolist()).toEqual([3, 4]);
});

test("a compiled function draws float16 anew at each replay, rounded", async () => {
  const draw = core.compile(() => core.randn([4], float16));
  manualSeed(7);
  const replayed = [draw(), draw()];
  manualSeed(7);
  const eager = [core.randn([4], float16), core.randn([4], float16)];
  for (const i of [0, 1]) expect(await replayed[i]!.tolist()).toEqual(await eager[i]!.tolist());
});
