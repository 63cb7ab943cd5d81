import { describe, expect, test } from "vitest";
import { manualSeed, ones, tensor, type Tensor } from "@downhill/core";
import { gradcheck, gradgradcheck } from "@downhill/core/testing";
import * as nn from "@downhill/nn";

const { functional } = nn;

describe("gradients are the slopes, to the second order", () => {
  const points = [
    [-4.2, -1.3, -0.7, 0.2],
    [0.6, 1.4, 2.5, 3.7],
  ];
  const rows: Record<string, (x: Tensor, w: Tensor) => Tensor> = {
    selu: (x) => functional.selu(x),
    celu: (x) => functional.celu(x, { alpha: 1.7 }),
    hardshrink: (x) => functional.hardshrink(x),
    softshrink: (x) => functional.softshrink(x, 1),
    hardsigmoid: (x) => functional.hardsigmoid(x),
    hardswish: (x) => functional.hardswish(x),
    mish: (x) => functional.mish(x),
    softsign: (x) => functional.softsign(x),
    tanhshrink: (x) => functional.tanhshrink(x),
    threshold: (x) => functional.threshold(x, 1, -2),
    rrelu: (x) => functional.rrelu(x),
    prelu: (x, w) => functional.prelu(x, w),
    glu: (x) => functional.glu(x),
    softmin: (x) => functional.softmin(x, 1),
  };
  test.each(Object.entries(rows))("%s", async (name, fn) => {
    const x = tensor(points, { dtype: "float64", requiresGrad: true });
    const w = tensor([0.1, 0.2, 0.3, 0.4], { dtype: "float64", requiresGrad: true });
    const inputs = name === "prelu" ? [x, w] : [x];
    await gradcheck(fn, inputs);
    await gradgradcheck(fn, inputs);
  });
});

test("hardswish's gradient is 0 at -3 and 1 at 3, where the line and the curve meet", async () => {
  const x = tensor([-3, 3], { requiresGrad: true });
  functional.hardswish(x).sum().backward();
  expect(await x.grad!.tolist()).toEqual([0, 1]);
});

test("prelu of infinities leaves its weight a finite gradient", async () => {
  const weight = tensor([0.25], { requiresGrad: true });
  functional
    .prelu(tensor([Infinity, -2]), weight)
    .sum()
    .backward();
  expect(await weight.grad!.tolist()).toEqual([-2]);
});

describe("RReLU in training", () => {
  test("draws slopes between its bounds, by manualSeed, anew at each call", async () => {
    const layer = new nn.RReLU({ lower: 0.2, upper: 0.4 });
    const x = ones([1000]).neg();
    manualSeed(1);
    const first = (await layer.forward(x).tolist()) as number[];
    const second = (await layer.forward(x).tolist()) as number[];
    manualSeed(1);
    expect(await layer.forward(x).tolist()).toEqual(first);
    expect(second).not.toEqual(first);
    expect(Math.min(...first)).toBeGreaterThanOrEqual(-0.4);
    expect(Math.max(...first)).toBeLessThanOrEqual(-0.2);
    expect(first.reduce((sum, y) => sum + y) / 1000).toBeCloseTo(-0.3, 1);
  });

  test("has the drawn slope as its gradient, and leaves positive numbers", async () => {
    const x = tensor([-1, 2], { requiresGrad: true });
    const y = functional.rrelu(x, { training: true });
    y.sum().backward();
    const [slope] = (await y.tolist()) as number[];
    expect(await x.grad!.tolist()).toEqual([-slope!, 1]);
  });
});

describe("activations refuse what makes no sense", () => {
  const { CELU, SELU, Mish, Hardsigmoid, Hardswish, RReLU, PReLU } = nn;
  test.each(Object.entries({ CELU, SELU, Mish, Hardsigmoid, Hardswish, RReLU }))(
    "%s: an unknown option",
    (name, create) => {
      expect(() => new create({ slope: 1 } as object)).toThrow(`${name}: unknown option "slope"`);
    },
  );

  test.each<[string, () => unknown, string]>([
    ["alpha", () => new CELU({ alpha: 0 }), "CELU: alpha must not be 0"],
    ["lambd", () => new nn.Softshrink(-1), "Softshrink: lambd must be 0 or more, got -1"],
    [
      "a threshold left out",
      () => new nn.Threshold(1, undefined as never),
      "Threshold: value must be a number, got undefined",
    ],
    ["bounds", () => new RReLU({ lower: 0.5, upper: 0.1 }), "RReLU: lower 0.5 must not be above upper 0.1"],
    ["parameters", () => new PReLU(1.5), "PReLU: numParameters"],
    ["options of PReLU", () => new PReLU(1, { slope: 1 } as object), 'PReLU: unknown option "slope"'],
    [
      "channels",
      () => new PReLU(3).forward(ones([2, 2])),
      "prelu: for input [2, 2] the weight must have shape [1] or [2], got [3]",
    ],
    ["halves", () => new nn.GLU().forward(ones([2, 3])), "glu: the size of dim -1 must be even, got shape [2, 3]"],
    ["no dim", () => new nn.Softmin(undefined as never), "Softmin: dim must be an integer"],
    [
      "images",
      () => new nn.Softmax2d().forward(ones([2, 3])),
      "Softmax2d: the input must be [N, C, H, W] or [C, H, W]",
    ],
    ["ints", () => functional.mish(tensor([1], { dtype: "int32" })), "mish: needs a float tensor, got int32"],
  ])("%s", (_, act, message) => {
    expect(act).toThrow(message);
  });
});
