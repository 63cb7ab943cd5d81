import { compile, type DType, explain, rand, setDefaultDevice, type Tensor, tensor, ValueError } from "@downhill/core";
import { Linear } from "@downhill/nn";
import { afterEach, describe, expect, test } from "vitest";
import { clipGradNorm, clipGradsWithNorm, clipGradValue, getTotalNorm, SGD } from "../src/index.js";
import { begin, readFixture, setGradients, valuesOf } from "./problem.js";

afterEach(() => setDefaultDevice("cpu"));

interface Case {
  readonly dtype: DType;
  readonly kind: number | "Infinity" | "value";
  readonly limit: number;
  readonly total: number | null;
  readonly grads: number[];
}

const gradients = (params: readonly Tensor[]): Promise<number[]> => valuesOf(params.map(({ grad }) => grad!));

function ready(dtype: DType = "float32"): Tensor[] {
  const params = begin({ dtype });
  setGradients(params, 5);
  return params;
}

describe("gradients are clipped as in PyTorch", () => {
  const cases = readFixture("clipped") as Case[];
  test.each(cases.map((row) => [row.dtype, row.kind, row.limit, row] as const))(
    "%s, %s, %d",
    async (dtype, _, __, row) => {
      const params = ready(dtype);
      const near = dtype === "float64" ? 1e-14 : 2e-6;
      if (row.kind === "value") clipGradValue(params, row.limit);
      else {
        const total = clipGradNorm(params, row.limit, { normType: Number(row.kind) });
        expect(Math.abs((await total.item()) / row.total! - 1)).toBeLessThan(near);
      }
      (await gradients(params)).forEach((value, i) => expect(Math.abs(value - row.grads[i]!)).toBeLessThan(near));
    },
  );
});

describe("clipGradNorm", () => {
  test("leaves out what has no gradient, and takes one tensor", async () => {
    const [a, b] = ready() as [Tensor, Tensor];
    b.grad = null;
    const alone = await getTotalNorm(a.grad!).item();
    expect(await clipGradNorm([a, b], 100).item()).toBe(alone);
    expect(await clipGradNorm(a, 100).item()).toBe(alone);
    expect(await clipGradNorm([b], 1).item()).toBe(0);
    expect(await clipGradNorm([], 1).item()).toBe(0);
  });

  test("changes the gradients in place: who holds one sees it", async () => {
    const [a] = ready() as [Tensor];
    const { grad } = a;
    clipGradNorm([a], 0.1);
    expect(a.grad).toBe(grad);
    expect(await grad!.norm().item()).toBeCloseTo(0.1, 5);
  });

  test("is two halves", async () => {
    const [whole, halves] = [ready(), ready()];
    const total = clipGradNorm(whole, 0.5);
    const norm = getTotalNorm(halves.map(({ grad }) => grad!));
    clipGradsWithNorm(halves, 0.5, norm);
    expect(await norm.item()).toBe(await total.item());
    expect(await gradients(halves)).toEqual(await gradients(whole));
  });

  test("refuses a norm that is not finite, if asked to, and changes nothing", async () => {
    for (const bad of [NaN, Infinity]) {
      const [a, b] = ready() as [Tensor, Tensor];
      b.grad = tensor([bad, 1]);
      const before = await gradients([a, b]);
      await expect(clipGradNorm([a, b], 1, { errorIfNonfinite: true })).rejects.toThrow(
        `clipGradNorm: the norm of order 2 of all gradients is ${bad}`,
      );
      expect(await gradients([a, b])).toEqual(before);
      clipGradNorm([a, b], 1);
      expect((await gradients([a, b])).some(Number.isNaN)).toBe(true);
    }
    const fine = ready();
    expect(await (await clipGradNorm(fine, 1, { errorIfNonfinite: true })).item()).toBeGreaterThan(0);
  });

  test.each([
    [() => clipGradNorm(ready(), -1), "clipGradNorm: maxNorm must be a number of 0 or more, got -1"],
    [() => clipGradNorm(ready(), NaN), "clipGradNorm: maxNorm must be a number of 0 or more, got NaN"],
    [() => clipGradNorm(ready(), 1, { normType: NaN }), "clipGradNorm: normType must be a number, got NaN"],
    [() => clipGradNorm([3] as never, 1), "clipGradNorm: expects tensors, got 3\n  hint: pass model.parameters()"],
    [
      () => clipGradNorm(ready(), 1, { p: 2 } as never),
      'clipGradNorm: unknown option "p"\n  hint: it takes normType, errorIfNonfinite',
    ],
    [() => clipGradValue(ready(), -1), "clipGradValue: clipValue must be a number of 0 or more, got -1"],
  ])("%s is refused", (clip, message) => {
    expect(clip).toThrow(new ValueError(message));
  });

  test("is part of the step's one Program, compiled or not, and no limit compiles anything", async () => {
    const make = (): [Linear, (limit: number) => void] => {
      const model = new Linear(3, 2);
      const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
      const x = rand([4, 3]);
      return [
        model,
        (limit) => {
          optimizer.zeroGrad();
          model.forward(x).square().mean().backward();
          clipGradNorm(model.parameters(), limit);
          optimizer.step();
        },
      ];
    };
    const [, step] = make();
    for (let i = 0; i < 3; i++) step(1);
    const { programs } = explain(() => step(0.01), { print: false });
    expect(programs).toMatchObject([{ isNew: false, runs: 1 }]);
    const [model, other] = make();
    const compiled = compile(() => {
      other(0.01);
    });
    for (let i = 0; i < 3; i++) compiled();
    expect(await getTotalNorm([...model.parameters()].map(({ grad }) => grad!)).item()).toBeLessThan(0.0101);
  });
});
