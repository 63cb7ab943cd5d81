import { describe, expect, expectTypeOf, test } from "vitest";
import { gradcheck, gradgradcheck, manualSeed, ones, randn, tensor, type Tensor } from "@downhill/core";
import { AvgPool1d, AvgPool2d, Conv2d, functional, MaxPool1d, MaxPool2d, Sequential } from "@downhill/nn";
import { difference, readFixture, toTensor, type Values } from "./fixture.js";

const { avgPool1d, avgPool2d, maxPool1d, maxPool2d } = functional;

interface Found {
  readonly form: "maxPool1d" | "maxPool2d";
  readonly args: readonly [number | readonly number[]];
  readonly options: Readonly<Record<string, unknown>>;
  readonly input: Values;
  readonly values: Values;
  readonly indices: Values;
}

describe("max pools say where PyTorch finds the greatest elements", () => {
  const rows = readFixture("pooling-indices") as Found[];
  test.each(
    rows.map(
      (row) =>
        [`${row.form}(${JSON.stringify([...row.args, row.options])}) of [${row.input.shape.join()}]`, row] as const,
    ),
  )("%s", async (_, { form, args, options, input, values, indices }) => {
    const [found, places] = functional[form](toTensor(input), args[0], { ...options, returnIndices: true });
    expect(await difference(found, values), "values").toBe("");
    expect(await difference(places, indices), "indices").toBe("");
  });
});

describe("gradients are the slopes of the function, and theirs of them", () => {
  manualSeed(0);
  const plane = randn([2, 5, 5], { dtype: "float64", requiresGrad: true });
  const line = randn([2, 2, 5], { dtype: "float64", requiresGrad: true });
  const cases: Record<string, [(x: Tensor) => Tensor, Tensor]> = {
    "maxPool2d side by side": [(x) => maxPool2d(x, 2), plane],
    "maxPool2d side by side, with a last window": [(x) => maxPool2d(x, 2, { ceilMode: true }), plane],
    "maxPool2d overlapping": [(x) => maxPool2d(x, 3, { stride: 1, padding: 1 }), plane],
    "maxPool2d with gaps": [(x) => maxPool2d(x, [1, 2], { dilation: [1, 2], stride: 2 }), plane],
    maxPool1d: [(x) => maxPool1d(x, 3, { stride: 2 }), line],
    "avgPool2d side by side": [(x) => avgPool2d(x, 2), plane],
    "avgPool2d overlapping": [(x) => avgPool2d(x, 3, { stride: 2, padding: 1, ceilMode: true }), plane],
    "avgPool2d of elements only": [(x) => avgPool2d(x, [3, 2], { padding: 1, countIncludePad: false }), plane],
    avgPool1d: [(x) => avgPool1d(x, 3, { stride: 1 }), line],
  };
  test.each(Object.entries(cases))("%s", async (_, [fn, x]) => {
    await gradcheck((input) => fn(input), [x]);
    await gradgradcheck((input) => fn(input), [x]);
  });
});

describe("pools", () => {
  test("of equals, the first gets the gradient, also where windows overlap", async () => {
    const x = ones([1, 2, 4], { requiresGrad: true });
    maxPool2d(x, 2).sum().backward();
    expect(await x.grad!.tolist()).toEqual([[[1, 0, 1, 0], [0, 0, 0, 0]]]); // prettier-ignore
    const y = ones([1, 2, 4], { requiresGrad: true });
    maxPool2d(y, 2, { stride: 1 }).sum().backward();
    expect(await y.grad!.tolist()).toEqual([[[1, 1, 1, 0], [0, 0, 0, 0]]]); // prettier-ignore
  });

  test("of a window of nothing but -Infinity, the first element in the image gets it, not the padding", async () => {
    const x = ones([1, 2, 2]).mul(-Infinity).requiresGrad_();
    const [values, indices] = maxPool2d(x, 3, { stride: 1, padding: 1, returnIndices: true });
    expect(await indices.tolist()).toEqual([[[0, 0], [0, 0]]]); // prettier-ignore
    values.sum().backward();
    expect(await x.grad!.tolist()).toEqual([[[4, 0], [0, 0]]]); // prettier-ignore
  });

  test("as layers give values, or values and indices", async () => {
    const x = tensor([[[1, 2], [4, 3]]]); // prettier-ignore
    const plain = new MaxPool2d(2).forward(x);
    expectTypeOf(plain).toEqualTypeOf<Tensor>();
    expect(await plain.tolist()).toEqual([[[4]]]);
    const both = new MaxPool2d(2, { returnIndices: true }).forward(x);
    expectTypeOf(both).toEqualTypeOf<[values: Tensor, indices: Tensor]>();
    expect(await Promise.all(both.map((part) => part.tolist()))).toEqual([[[[4]]], [[[2]]]]);
    expect(both[1].dtype).toBe("int32");
    expect(both[1].requiresGrad).toBe(false);
    expect((new MaxPool1d(2, { returnIndices: true }).forward(x)).map(({ shape }) => shape)).toEqual([[1, 2, 1], [1, 2, 1]]); // prettier-ignore
  });

  test("stand in a Sequential", () => {
    const model = new Sequential(new Conv2d(1, 4, 3), new MaxPool2d(2), new AvgPool2d(2));
    expect(model.forward(ones([1, 1, 10, 10])).shape).toEqual([1, 4, 2, 2]);
  });
});

describe("pools refuse what makes no sense", () => {
  const x = ones([1, 1, 4, 4]);
  const loose = (value: unknown): never => value as never;
  test.each<[string, () => unknown, string]>([
    ["no tensor", () => maxPool2d(loose([1]), 2), "maxPool2d: expects a tensor, got [1]"],
    ["integers", () => avgPool2d(ones([1, 4, 4], { dtype: "int32" }), 2), "avgPool2d: needs a float tensor, got int32"],
    [
      "too few dims",
      () => maxPool2d(ones([4, 4]), 2),
      "maxPool2d: the input must be [N, C, H, W] or [C, H, W], got shape [4, 4]",
    ],
    [
      "too many dims",
      () => avgPool1d(x, 2),
      "avgPool1d: the input must be [N, C, L] or [C, L], got shape [1, 1, 4, 4]",
    ],
    [
      "a large kernel",
      () => maxPool2d(x, [2, 5]),
      "maxPool2d: a kernel of 2 x 5 does not fit into an input of 4 x 4, shape [1, 1, 4, 4]\n  hint: take a smaller kernel or more padding",
    ],
    [
      "no elements",
      () => avgPool2d(ones([1, 1, 0, 4]), 1),
      "avgPool2d: a kernel of 1 x 1 does not fit into an input of 0 x 4",
    ],
    [
      "much padding",
      () => maxPool2d(x, 3, { padding: 2 }),
      "maxPool2d: padding 2 x 2 is more than half of the kernel, 3 x 3: a window would hold no element\n  hint: at most 1 x 1; add more with x.pad",
    ],
    ["no kernel", () => maxPool2d(x, 0), "maxPool2d: kernelSize must be an integer of 1 or more, got 0"],
    [
      "three sizes",
      () => avgPool2d(x, [1, 1, 1]),
      "avgPool2d: kernelSize must be a number or 2 of them, [height, width], got [1, 1, 1]",
    ],
    ["a stride of 0", () => avgPool2d(x, 2, { stride: 0 }), "avgPool2d: stride must be an integer of 1 or more, got 0"],
    [
      "a divisor of 0",
      () => avgPool2d(x, 2, { divisorOverride: 0 }),
      "avgPool2d: divisorOverride must be an integer other than 0, got 0\n  hint: leave it out",
    ],
    [
      "a divisor of one dim",
      () => avgPool1d(ones([1, 4]), 2, loose({ divisorOverride: 2 })),
      'avgPool1d: unknown option "divisorOverride"',
    ],
    [
      "a mode in words",
      () => maxPool2d(x, 2, { ceilMode: loose("yes") }),
      'maxPool2d: ceilMode must be true or false, got "yes"',
    ],
    [
      "indices in words",
      () => maxPool2d(x, 2, { returnIndices: loose(1) }),
      "maxPool2d: returnIndices must be true or false, got 1",
    ],
    [
      "counting in words",
      () => avgPool2d(x, 2, { countIncludePad: loose(1) }),
      "avgPool2d: countIncludePad must be true or false, got 1",
    ],
    [
      "an average's option",
      () => maxPool2d(x, 2, loose({ countIncludePad: true })),
      'maxPool2d: unknown option "countIncludePad"',
    ],
    [
      "MaxPool2d: padding",
      () => new MaxPool2d(2, { padding: 2 }),
      "MaxPool2d: padding 2 x 2 is more than half of the kernel, 2 x 2",
    ],
    [
      "MaxPool1d: a kernel",
      () => new MaxPool1d(loose("2")),
      'MaxPool1d: kernelSize must be an integer of 1 or more, got "2"',
    ],
    ["AvgPool2d: an option", () => new AvgPool2d(2, loose({ dilation: 2 })), 'AvgPool2d: unknown option "dilation"'],
    ["AvgPool1d: two sizes", () => new AvgPool1d([2, 2]), "AvgPool1d: kernelSize must be a number, got [2, 2]"],
  ])("%s", (_, act, message) => {
    expect(act).toThrow(message);
  });
});
