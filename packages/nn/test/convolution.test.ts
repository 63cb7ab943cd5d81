import { describe, expect, expectTypeOf, test } from "vitest";
import {
  checkpoint,
  defaultDevice,
  type DType,
  gradcheck,
  gradgradcheck,
  manualSeed,
  ones,
  rand,
  randn,
  tensor,
  type Tensor,
} from "@downhill/core";
import {
  Conv1d,
  Conv2d,
  ConvTranspose1d,
  ConvTranspose2d,
  Flatten,
  functional,
  MaxPool2d,
  Sequential,
} from "@downhill/nn";
import { SGD } from "@downhill/optim";
import { readFixture } from "./fixture.js";

const { conv1d, conv2d, convTranspose1d, convTranspose2d } = functional;

interface Start {
  readonly module: "Conv1d" | "Conv2d" | "ConvTranspose1d" | "ConvTranspose2d";
  readonly seed: number;
  readonly args: readonly [number, number, number | readonly number[]];
  readonly options: Readonly<Record<string, unknown>>;
  readonly shape: readonly number[];
  readonly weight: readonly number[];
  readonly bias: readonly number[] | null;
  readonly next: number;
}

/** The bits of float32 elements as int32; float64 elements as they are. */
async function bits(x: Tensor): Promise<number[]> {
  const data = await x.data();
  return [...(data instanceof Float32Array ? new Int32Array(data.buffer, data.byteOffset, data.length) : data)];
}

describe("convolutions start with PyTorch's bits", () => {
  const layers = { Conv1d, Conv2d, ConvTranspose1d, ConvTranspose2d };
  test.each(
    (readFixture("convolution-init") as Start[]).map(
      (row) => [`${row.module}(${JSON.stringify([...row.args, row.options])}) after seed ${row.seed}`, row] as const,
    ),
  )("%s", async (_, { module, seed, args, options, shape, weight, bias, next }) => {
    manualSeed(seed);
    const layer = new layers[module](...args, options);
    expect(layer.weight.shape).toEqual(shape);
    expect(await bits(layer.weight)).toEqual(weight);
    expect(layer.bias && (await bits(layer.bias))).toEqual(bias);
    expect(await rand([1]).item()).toBe(next);
  });
});

/** Tensors of float64 that require gradients. */
const doubles = (...shapes: number[][]): Tensor[] =>
  shapes.map((shape) => randn(shape, { dtype: "float64", requiresGrad: true }));

describe("gradients are the slopes of the function, and theirs of them", () => {
  manualSeed(0);
  const cases: Record<string, [(...inputs: Tensor[]) => Tensor, Tensor[]]> = {
    "conv1d with a stride and padding": [
      (x, w, b) => conv1d(x, w, b, { stride: 2, padding: 1 }),
      doubles([2, 2, 5], [2, 2, 3], [2]),
    ],
    "conv2d of one image": [(x, w, b) => conv2d(x, w, b), doubles([1, 3, 4], [2, 1, 2, 2], [2])],
    "conv2d with groups, dilation and a stride": [
      (x, w, b) => conv2d(x, w, b, { groups: 2, dilation: [1, 2], stride: [2, 1], padding: [1, 2] }),
      doubles([1, 2, 3, 4], [2, 1, 2, 2], [2]),
    ],
    'conv2d with padding "same"': [
      (x, w) => conv2d(x, w, null, { padding: "same" }),
      doubles([1, 1, 3, 3], [2, 1, 2, 3]),
    ],
    convTranspose1d: [
      (x, w, b) => convTranspose1d(x, w, b, { stride: 2, padding: 1, outputPadding: 1 }),
      doubles([2, 2, 3], [2, 1, 3], [1]),
    ],
    "convTranspose2d with groups and dilation": [
      (x, w, b) => convTranspose2d(x, w, b, { groups: 2, stride: [2, 1], dilation: [1, 2] }),
      doubles([1, 2, 2, 3], [2, 1, 2, 2], [2]),
    ],
    "conv2d under convTranspose2d": [
      (x, w) => convTranspose2d(conv2d(x, w, null, { stride: 2 }), w, null, { stride: 2 }),
      doubles([1, 1, 4, 4], [1, 1, 2, 2]),
    ],
  };
  test.each(Object.entries(cases))("%s", async (_, [fn, inputs]) => {
    await gradcheck(fn, inputs);
    await gradgradcheck(fn, inputs);
  });
});

describe("convolutions", () => {
  test("convTranspose2d is conv2d's gradient", async () => {
    manualSeed(1);
    const x = randn([2, 4, 7, 6], { requiresGrad: true });
    const w = randn([6, 2, 3, 2]);
    const options = { stride: [2, 1], padding: [1, 0], dilation: [1, 2], groups: 2 };
    const y = conv2d(x, w, null, options);
    const grad = randn(y.shape);
    y.backward(grad);
    const back = convTranspose2d(grad, w, null, options);
    expect(await x.grad!.data()).toEqual(await back.data());
  });

  test("ConvTranspose2d reaches the sizes it is asked for", () => {
    const layer = new ConvTranspose2d(2, 3, 3, { stride: 2, padding: 1 });
    const x = ones([1, 2, 4, 4]);
    expect(layer.forward(x).shape).toEqual([1, 3, 7, 7]);
    expect(layer.forward(x, [8, 7]).shape).toEqual([1, 3, 8, 7]);
    expect(layer.forward(x, [1, 3, 8, 8]).shape).toEqual([1, 3, 8, 8]);
    expect(() => layer.forward(x, [9, 8])).toThrow(
      "ConvTranspose2d: an input of shape [1, 2, 4, 4] cannot become [9, 8]\n  hint: from 7 x 7 to 8 x 8 it can",
    );
    expect(() => layer.forward(x, [8])).toThrow(
      "ConvTranspose2d: outputSize must be an array of 2 or 4 sizes, got [8]",
    );
  });

  test("their weights train, frozen inputs get no gradient, and a batch may be empty", async () => {
    const layer = new Conv2d(1, 2, 3);
    const x = ones([1, 1, 3, 3]);
    layer.forward(x).sum().backward();
    expect(await layer.weight.grad!.sum().item()).toBe(18);
    expect(await layer.bias!.grad!.tolist()).toEqual([1, 1]);
    expect(x.grad).toBe(null);
    const none = layer.forward(ones([0, 1, 4, 4]));
    expect(none.shape).toEqual([0, 2, 2, 2]);
    layer.zeroGrad();
    none.sum().backward();
    expect(await layer.weight.grad!.sum().item()).toBe(0);
  });

  test("have the same gradients under a checkpoint, and after the loss was read", async () => {
    manualSeed(2);
    const layer = new Conv2d(2, 3, 3, { padding: 1, stride: 2 });
    const pool = new MaxPool2d(3, { stride: 1, padding: 1 });
    const x = randn([2, 2, 6, 6], { requiresGrad: true });
    const gradients = async (loss: Tensor, read: boolean): Promise<unknown> => {
      layer.zeroGrad();
      x.grad = null;
      if (read) await loss.item();
      loss.backward();
      return Promise.all([x.grad!.data(), layer.weight.grad!.data(), layer.bias!.grad!.data()]);
    };
    const run = (input: Tensor): Tensor => pool.forward(layer.forward(input).tanh());
    const plain = await gradients(run(x).square().sum(), false);
    expect(await gradients(run(x).square().sum(), true)).toEqual(plain);
    expect(await gradients(checkpoint(run, x).square().sum(), false)).toEqual(plain);
  });

  test("train in a loop of one Program", async () => {
    const model = new Sequential(new Conv2d(1, 2, 3), new MaxPool2d(2), new Flatten());
    const optimizer = new SGD(model.parameters(), { lr: 0.01 });
    const x = randn([2, 1, 6, 6]);
    const losses: number[] = [];
    let compiled = 0;
    for (let step = 0; step < 5; step++) {
      optimizer.zeroGrad();
      const loss = model.forward(x).sub(1).square().mean();
      loss.backward();
      optimizer.step();
      losses.push(await loss.item());
      if (step === 1) compiled = defaultDevice().programs.compiled;
    }
    expect(losses).toEqual(losses.toSorted((a, b) => b - a));
    expect(defaultDevice().programs.compiled).toBe(compiled);
  });

  test("stand in a Sequential", () => {
    const model = new Sequential(new Conv2d(1, 4, 3, { padding: 1 }), new Flatten());
    expect(model.forward(ones([2, 1, 3, 3])).shape).toEqual([2, 36]);
    expectTypeOf(model.forward(ones([2, 1, 3, 3]))).toEqualTypeOf<Tensor>();
  });
});

describe("convolutions refuse what makes no sense", () => {
  const x = ones([1, 4, 5, 5]);
  const w = ones([2, 4, 3, 3]);
  const loose = (value: unknown): never => value as never;
  const int = (shape: number[], dtype: DType = "int32"): Tensor => ones(shape, { dtype });
  test.each<[string, () => unknown, string]>([
    ["no tensor", () => conv2d(loose(3), w), "conv2d: expects a tensor, got 3"],
    [
      "integers",
      () => conv2d(int([1, 4, 5, 5]), w),
      'conv2d: needs a float tensor, got int32\n  hint: convert it with x.to("float32")',
    ],
    [
      "another dtype",
      () => conv2d(ones([1, 4, 5, 5], { dtype: "float64" }), w),
      'conv2d: the input is float64, the weight float32\n  hint: convert one: x.to("float32")',
    ],
    [
      "too few dims",
      () => conv2d(ones([5, 5]), w),
      "conv2d: the input must be [N, C, H, W] or [C, H, W], got shape [5, 5]\n  hint: add a dim for the channel: x.unsqueeze(0)",
    ],
    [
      "too many dims",
      () => conv1d(ones([1, 1, 1, 3]), ones([1, 1, 1])),
      "conv1d: the input must be [N, C, L] or [C, L], got shape [1, 1, 1, 3]",
    ],
    [
      "a weight of other dims",
      () => conv2d(x, ones([2, 4, 3])),
      "conv2d: the weight must be [outChannels, inChannels / groups, H, W], got shape [2, 4, 3]",
    ],
    [
      "an empty kernel",
      () => conv2d(x, ones([2, 4, 0, 3])),
      "conv2d: the weight must be [outChannels, inChannels / groups, H, W], got shape [2, 4, 0, 3]",
    ],
    [
      "other channels",
      () => conv2d(ones([1, 3, 5, 5]), w),
      "conv2d: the weight [2, 4, 3, 3] takes 4 channels, the input [1, 3, 5, 5] has 3",
    ],
    [
      "channels last",
      () => conv2d(ones([1, 5, 5, 4]), w),
      "the input [1, 5, 5, 4] has 5\n  hint: channels come before the spatial dims: x.movedim(-1, 1)",
    ],
    [
      "other channels per group",
      () => conv2d(x, w, null, { groups: 2 }),
      "conv2d: the weight [2, 4, 3, 3] with 2 groups takes 8 channels, the input [1, 4, 5, 5] has 4",
    ],
    [
      "groups that do not divide",
      () => conv2d(x, w, null, { groups: 3 }),
      "conv2d: 3 groups do not divide the 2 output channels of the weight [2, 4, 3, 3]",
    ],
    ["no groups", () => conv2d(x, w, null, { groups: 0 }), "conv2d: groups must be an integer of 1 or more, got 0"],
    [
      "a bias of another size",
      () => conv2d(x, w, ones([3])),
      "conv2d: the bias must have shape [2] (outChannels), got [3]",
    ],
    [
      "a bias of another dtype",
      () => conv2d(x, w, int([2])),
      'conv2d: the input is float32, the bias int32\n  hint: convert it: bias.to("float32")',
    ],
    [
      "a large kernel",
      () => conv2d(x, ones([2, 4, 6, 3])),
      "conv2d: the kernel, 6 x 3, is larger than the input, 5 x 5\n  hint: take a smaller kernel or more padding",
    ],
    [
      "a dilated kernel",
      () => conv2d(x, w, null, { dilation: 4, padding: 1 }),
      "conv2d: the kernel, 3 x 3 (spread to 9 x 9 by its dilation), is larger than the input, 5 x 5 (7 x 7 with padding)",
    ],
    ["a stride of 0", () => conv2d(x, w, null, { stride: 0 }), "conv2d: stride must be an integer of 1 or more, got 0"],
    [
      "three strides",
      () => conv2d(x, w, null, { stride: [1, 1, 1] }),
      "conv2d: stride must be a number or 2 of them, [height, width], got [1, 1, 1]",
    ],
    [
      "two strides for one dim",
      () => conv1d(ones([1, 1, 3]), ones([1, 1, 1]), null, { stride: [1, 1] }),
      "conv1d: stride must be a number, got [1, 1]",
    ],
    [
      "negative padding",
      () => conv2d(x, w, null, { padding: -1 }),
      "conv2d: padding must be an integer of 0 or more, got -1",
    ],
    [
      "an unknown word",
      () => conv2d(x, w, null, { padding: loose("full") }),
      'conv2d: padding must be a number per dim or "same" or "valid", got "full"',
    ],
    [
      "same with a stride",
      () => conv2d(x, w, null, { padding: "same", stride: [1, 2] }),
      'conv2d: padding "same" goes with stride 1, got stride 1 x 2\n  hint: give the padding as a number',
    ],
    [
      "an unknown option",
      () => conv2d(x, w, null, loose({ strides: 2 })),
      'conv2d: unknown option "strides"\n  hint: it takes stride, padding, dilation, groups',
    ],
    [
      "transposed: other channels",
      () => convTranspose2d(ones([1, 3, 5, 5]), w),
      "convTranspose2d: the weight [2, 4, 3, 3] takes 2 channels, the input [1, 3, 5, 5] has 3",
    ],
    [
      "transposed: groups",
      () => convTranspose2d(x, ones([4, 1, 3, 3]), null, { groups: 3 }),
      "convTranspose2d: 3 groups do not divide the 4 input channels of the weight [4, 1, 3, 3]",
    ],
    [
      "transposed: outputPadding",
      () => convTranspose2d(x, ones([4, 1, 3, 3]), null, { stride: 2, outputPadding: [1, 2] }),
      "convTranspose2d: outputPadding 1 x 2 must be smaller than the stride, 2 x 2, or the dilation, 1 x 1",
    ],
    [
      "transposed: nothing left",
      () => convTranspose2d(ones([1, 4, 2, 2]), ones([4, 1, 1, 1]), null, { padding: 1 }),
      "convTranspose2d: padding 1 x 1 leaves nothing of the result of an input of 2 x 2, its size would be 0 x 0\n  hint: take less padding",
    ],
    [
      "transposed: a word",
      () => convTranspose2d(x, ones([4, 1, 1, 1]), null, { padding: loose("same") }),
      'convTranspose2d: padding must be an integer of 0 or more, got "same"',
    ],
    ["Conv2d: groups", () => new Conv2d(4, 3, 3, { groups: 2 }), "Conv2d: outChannels 3 must be divisible by groups 2"],
    [
      "Conv2d: groups of inputs",
      () => new Conv2d(3, 4, 3, { groups: 2 }),
      "Conv2d: inChannels 3 must be divisible by groups 2",
    ],
    ["Conv2d: no channels", () => new Conv2d(0, 4, 3), "Conv2d: inChannels must be an integer of 1 or more, got 0"],
    [
      "Conv2d: no kernel",
      () => new Conv2d(1, 4, loose(undefined)),
      "Conv2d: kernelSize must be an integer of 1 or more, got undefined",
    ],
    [
      "Conv2d: same with a stride",
      () => new Conv2d(1, 4, 3, { padding: "same", stride: 2 }),
      'Conv2d: padding "same" goes with stride 1, got stride 2 x 2',
    ],
    [
      "Conv2d: an unknown mode",
      () => new Conv2d(1, 4, 3, { paddingMode: loose("mirror") }),
      'Conv2d: unknown paddingMode "mirror"\n  hint: one of "zeros", "reflect", "replicate", "circular"',
    ],
    [
      "Conv2d: another dtype",
      () => new Conv2d(1, 4, 3, { dtype: "int32" }),
      'Conv2d: dtype must be "float16", "float32" or "float64", got "int32"',
    ],
    [
      "Conv2d: a bias in words",
      () => new Conv2d(1, 4, 3, { bias: loose("no") }),
      'Conv2d: bias must be true or false, got "no"',
    ],
    [
      "Conv2d: outputPadding",
      () => new Conv2d(1, 4, 3, loose({ outputPadding: 1 })),
      'Conv2d: unknown option "outputPadding"',
    ],
    [
      "Conv2d: dims, with another padding",
      () => new Conv2d(1, 4, 3, { padding: 1, paddingMode: "reflect" }).forward(ones([5, 5])),
      "Conv2d: the input must be [N, C, H, W] or [C, H, W], got shape [5, 5]",
    ],
    [
      "ConvTranspose2d: another padding",
      () => new ConvTranspose2d(1, 4, 3, { paddingMode: "reflect" }),
      'ConvTranspose2d: paddingMode "reflect" is not defined for it, only "zeros"\n  hint: pad the input first',
    ],
    [
      "ConvTranspose1d: a word",
      () => new ConvTranspose1d(1, 4, 3, { padding: loose("same") }),
      'ConvTranspose1d: padding must be a number per dim, got "same"',
    ],
    [
      "Conv1d: a tensor for its weight",
      () => {
        const layer = new Conv1d(1, 1, 1);
        layer.weight = loose(tensor([[[1]]]));
        layer.forward(ones([1, 1]));
      },
      'Conv1d: cannot take Tensor([1, 1, 1]) as parameter "weight"',
    ],
    [
      "Flatten: an option",
      () => new Flatten(loose({ startDim: 1 })),
      "Flatten: startDim must be an integer, got {startDim}\n  hint: write new Flatten(1, -1)",
    ],
    [
      "Flatten: a dim that is not there",
      () => new Flatten(3).forward(ones([2, 2])),
      "flatten: dim 3 is out of range for 2 dims",
    ],
  ])("%s", (_, act, message) => {
    expect(act).toThrow(message);
  });
});
