import { describe, expect, test } from "vitest";
import {
  checkpoint,
  defaultDevice,
  manualSeed,
  noGrad,
  ones,
  randn,
  type Tensor,
  tensor,
  VersionError,
  zeros,
} from "@downhill/core";
import { gradcheck, gradgradcheck } from "@downhill/core/testing";
import { BatchNorm1d, BatchNorm2d, functional, GroupNorm, LayerNorm, Linear, RMSNorm, Sequential } from "@downhill/nn";
import { SGD } from "@downhill/optim";

const draw = (...shape: number[]): Tensor => randn(shape, { dtype: "float64" }).detach().requiresGrad_();
const { layerNorm, groupNorm, rmsNorm, batchNorm } = functional;

describe("gradients are the slopes, to the second order", () => {
  manualSeed(2);
  const stats = (): [Tensor, Tensor] => [zeros([3], { dtype: "float64" }), ones([3], { dtype: "float64" })];
  test.each<[string, (...inputs: Tensor[]) => Tensor, Tensor[]]>([
    ["layerNorm", (x, w, b) => layerNorm(x, [3], w, b), [draw(2, 3), draw(3), draw(3)]],
    ["layerNorm over two dims, no weight", (x) => layerNorm(x, [2, 3], null, null, { eps: 0.1 }), [draw(2, 2, 3)]],
    ["rmsNorm", (x, w) => rmsNorm(x, [3], w), [draw(2, 3), draw(3)]],
    ["groupNorm", (x, w, b) => groupNorm(x, 2, w, b), [draw(2, 4, 2), draw(4), draw(4)]],
    [
      "batchNorm in training",
      (x, w, b) => batchNorm(x, ...stats(), w, b, { training: true }),
      [draw(4, 3), draw(3), draw(3)],
    ],
    ["batchNorm of images", (x) => batchNorm(x, null, null, null, null, { training: true }), [draw(2, 3, 2, 1)]],
    ["batchNorm in evaluation", (x, w, b) => batchNorm(x, ...stats(), w, b), [draw(2, 3, 2), draw(3), draw(3)]],
  ])("%s", async (_, fn, inputs) => {
    await gradcheck(fn, inputs);
    await gradgradcheck(fn, inputs);
  });

  test("in a checkpoint they are the same, bit for bit", async () => {
    const results = [];
    for (const around of [(fn: (x: Tensor) => Tensor, x: Tensor) => fn(x), checkpoint]) {
      manualSeed(1);
      const layers = [new LayerNorm(4), new GroupNorm(2, 4), new BatchNorm1d(4), new RMSNorm(4)];
      const x = randn([3, 4]).detach().requiresGrad_();
      const y = around((x: Tensor) => layers.reduce((h, layer) => layer.forward(h.tanh()), x), x);
      y.pow(3).sum().backward();
      const grads = layers.flatMap((layer) => [...layer.parameters()].map((p) => p.grad!));
      const buffers = layers.flatMap((layer) => [...layer.buffers()]);
      results.push(await Promise.all([y, x.grad!, ...grads, ...buffers].map((t) => t.tolist())));
    }
    expect(results[1]).toEqual(results[0]);
  });
});

describe("norms", () => {
  test("of one element give the bias, and of constants too", async () => {
    const bias = tensor([0.5, -2]);
    expect(await groupNorm(tensor([[7, 8]]), 2, null, bias).tolist()).toEqual([[0.5, -2]]);
    expect(await layerNorm(tensor([[3e4, 3e4]]), [2], ones([2]), bias).tolist()).toEqual([[0.5, -2]]);
    const x = tensor([[5]], { requiresGrad: true });
    layerNorm(x, 1).sum().backward();
    expect(await x.grad!.tolist()).toEqual([[0]]);
  });

  test("keep their digits when the mean is large", async () => {
    const x = tensor([[1e6, 1e6 + 1, 1e6 + 2]]);
    const expected = tensor([[0, 1, 2]]);
    expect(await layerNorm(x, 3).tolist()).toEqual(await layerNorm(expected, 3).tolist());
  });

  test("rmsNorm adds the spacing of the dtype's numbers at 1", async () => {
    const tiny = tensor([2 ** -12], { dtype: "float64" });
    expect(await rmsNorm(tiny, 1).item()).toBeCloseTo(1, 6);
    expect(await rmsNorm(tiny.to("float32"), 1).item()).toBeCloseTo(2 ** -12 / Math.sqrt(2 ** -24 + 2 ** -23), 6);
  });
});

describe("a batch norm's running statistics", () => {
  test("are buffers that stateDict holds, as they were", async () => {
    const layer = new BatchNorm1d(2);
    expect(Object.keys(layer.stateDict())).toEqual([
      "weight",
      "bias",
      "runningMean",
      "runningVar",
      "numBatchesTracked",
    ]);
    layer.forward(tensor([[1, 2], [3, 6]])); // prettier-ignore
    const state = layer.stateDict();
    layer.forward(tensor([[9, 9], [3, 6]])); // prettier-ignore
    expect(await state.runningMean!.data()).toEqual(Float32Array.of(0.2, 0.4));
    expect(await state.numBatchesTracked!.item()).toBe(1);
    layer.loadStateDict(state);
    expect(await layer.numBatchesTracked!.item()).toBe(1);
    expect(Object.keys(new BatchNorm1d(2, { trackRunningStats: false, affine: false }).stateDict())).toEqual([]);
    expect(layer.double().runningVar!.dtype).toBe("float64");
    expect(layer.numBatchesTracked!.dtype).toBe("int32");
  });

  test("move once per forward in training, under noGrad too, and never in evaluation", async () => {
    const layer = new BatchNorm2d(1);
    const x = tensor([[[[1, 3]]]], { requiresGrad: true });
    const y = layer.forward(x);
    const first = await layer.runningMean!.item();
    expect(first).toBeCloseTo(0.2, 6);
    await y.sum().item(); // a read, after which backward computes y again
    y.sum().backward();
    await x.grad!.data();
    expect(await layer.runningMean!.item()).toBe(first);
    layer.eval().forward(x);
    expect(await layer.runningMean!.item()).toBe(first);
    noGrad(() => layer.train().forward(x));
    expect(await layer.runningMean!.item()).toBeCloseTo(0.38, 6);
  });

  test("stay as they are for a batch of nothing", async () => {
    const layer = new BatchNorm1d(2);
    expect(layer.forward(zeros([0, 2])).shape).toEqual([0, 2]);
    expect(await layer.runningMean!.tolist()).toEqual([0, 0]);
  });

  test("that evaluation has read before an update are a version error in its backward, as in PyTorch", async () => {
    const layer = new BatchNorm1d(1);
    const x = tensor([[1], [2]], { requiresGrad: true });
    const y = layer.eval().forward(x).sum();
    await y.item();
    layer.train().forward(x);
    await layer.runningMean!.item();
    expect(() => y.backward()).toThrow(VersionError);
  });

  test.each([0.1, null])("train in a loop of one Program, momentum %s", async (momentum) => {
    manualSeed(0);
    const norm = new BatchNorm1d(4, { momentum });
    const model = new Sequential(new Linear(3, 4), norm, new Linear(4, 1));
    const optimizer = new SGD(model.parameters(), { lr: 0.05 });
    const X = randn([16, 3]);
    const y = X.sum(1, { keepdim: true });
    const { programs } = defaultDevice();
    const losses: number[] = [];
    let compiled = 0;
    for (let step = 0; step < 60; step++) {
      optimizer.zeroGrad();
      const loss = model.forward(X).sub(y).square().mean();
      loss.backward();
      optimizer.step();
      losses.push(await loss.item());
      if (step === 2) ({ compiled } = programs);
    }
    expect(losses[59]!).toBeLessThan(losses[0]! / 10);
    expect(programs.compiled - compiled).toBeLessThan(3);
    expect(await norm.numBatchesTracked!.item()).toBe(60);
  });
});

describe("norms refuse what makes no sense", () => {
  const int = zeros([2, 3], { dtype: "int32" });
  test.each<[string, () => unknown, RegExp]>([
    [
      "sizes",
      () => new LayerNorm(3).forward(zeros([3, 2])),
      /layerNorm: the input's last sizes must be \[3\] \(normalizedShape\), got shape \[3, 2\]/,
    ],
    ["too few dims", () => layerNorm(zeros([3]), [2, 3]), /layerNorm: the input's last sizes must be \[2, 3\]/],
    ["no shape", () => layerNorm(zeros([3]), []), /layerNorm: normalizedShape must be .*, got \[\]\n.*last dims/],
    ["a shape that is none", () => new LayerNorm(1.5), /LayerNorm: normalizedShape must be .*, got 1.5/],
    ["ints", () => layerNorm(int, 3), /layerNorm: needs a float tensor, got int32\n.*to\("float32"\)/],
    [
      "a weight's shape",
      () => layerNorm(zeros([2, 3]), 3, ones([2])),
      /layerNorm: the weight must have shape \[3\], got \[2\]/,
    ],
    [
      "a weight's dtype",
      () => layerNorm(zeros([2, 3]), 3, ones([3], { dtype: "float64" })),
      /layerNorm: the input is float32, the weight float64\n.*x\.to\("float64"\)/,
    ],
    [
      "a weight that is none",
      () => layerNorm(zeros([2, 3]), 3, [1, 2, 3] as never),
      /layerNorm: the weight must be a tensor or null, got \[1, 2, 3\]/,
    ],
    [
      "eps",
      () => layerNorm(zeros([3]), 3, null, null, { eps: -1 }),
      /layerNorm: eps must be a number of 0 or more, got -1/,
    ],
    [
      "options",
      () => new LayerNorm(3, { affine: true } as object),
      /LayerNorm: unknown option "affine"\n.*elementwiseAffine/,
    ],
    ["a flag", () => new LayerNorm(3, { bias: "no" as never }), /LayerNorm: bias must be true or false, got "no"/],
    [
      "dtype",
      () => new LayerNorm(3, { dtype: "int32" }),
      /LayerNorm: dtype must be "float16", "float32" or "float64", got "int32"/,
    ],
    ["rmsNorm: sizes", () => new RMSNorm(4).forward(zeros([3])), /rmsNorm: the input's last sizes must be \[4\]/],
    ["rmsNorm: eps", () => new RMSNorm(4, { eps: NaN }), /RMSNorm: eps must be a number of 0 or more, got NaN/],
    ["groups", () => new GroupNorm(4, 6), /GroupNorm: 6 channels do not divide into 4 groups/],
    [
      "groups of a function",
      () => groupNorm(zeros([1, 6]), 4),
      /groupNorm: 6 channels do not divide into 4 groups, got shape \[1, 6\]/,
    ],
    ["no groups", () => groupNorm(zeros([1, 6]), 0), /groupNorm: numGroups must be an integer of 1 or more, got 0/],
    ["no channels", () => groupNorm(zeros([6]), 2), /groupNorm: the input must be \[N, C, …\], got shape \[6\]/],
    [
      "other channels",
      () => new GroupNorm(2, 4).forward(zeros([2, 6])),
      /GroupNorm: the input must be \[N, 4, …\], got shape \[2, 6\]/,
    ],
    [
      "one value",
      () => new BatchNorm1d(3).forward(zeros([1, 3])),
      /batchNorm: needs more than 1 value per channel when training, got shape \[1, 3\]\n.*eval/,
    ],
    [
      "images for BatchNorm1d",
      () => new BatchNorm1d(3).forward(zeros([2, 3, 4, 4])),
      /BatchNorm1d: the input must be \[N, 3\] or \[N, 3, L\], got shape \[2, 3, 4, 4\]/,
    ],
    [
      "rows for BatchNorm2d",
      () => new BatchNorm2d(3).forward(zeros([2, 3])),
      /BatchNorm2d: the input must be \[N, 3, H, W\], got shape \[2, 3\]/,
    ],
    ["no tensor", () => new BatchNorm1d(3).forward(3 as never), /BatchNorm1d: expects a tensor, got 3/],
    [
      "no statistics",
      () => batchNorm(zeros([2, 3]), null, null),
      /batchNorm: the running mean and variance are needed unless it is training, got null\n.*training: true/,
    ],
    [
      "momentum",
      () => new BatchNorm1d(3, { momentum: "0.1" as never }),
      /BatchNorm1d: momentum must be a number, got "0.1"/,
    ],
    [
      "momentum of a shape",
      () => batchNorm(zeros([2, 3]), null, null, null, null, { momentum: ones([2]) }),
      /batchNorm: momentum must be a number or a 0-d tensor, got shape \[2\]/,
    ],
    [
      "statistics' shape",
      () => batchNorm(zeros([2, 3]), zeros([2]), ones([3])),
      /batchNorm: the running mean must have shape \[3\], got \[2\]/,
    ],
    ["0-d input", () => batchNorm(zeros([]), null, null), /batchNorm: the input must be \[N, C, …\], got shape \[\]/],
    [
      "training",
      () => batchNorm(zeros([2, 3]), null, null, null, null, { training: 1 as never }),
      /batchNorm: training must be true or false, got 1/,
    ],
  ])("%s", (_, act, message) => {
    expect(act).toThrow(message);
  });
});
