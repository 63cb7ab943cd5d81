import { describe, expect, test } from "vitest";
import { ones, tensor, type Tensor, zeros } from "@downhill/core";
import { gradcheck, gradgradcheck } from "@downhill/core/testing";
import * as nn from "@downhill/nn";

const { functional } = nn;
const int = (data: number | number[] | number[][]): Tensor => tensor(data, { dtype: "int32" });
const double = (data: number[] | number[][], requiresGrad = true): Tensor =>
  tensor(data, { dtype: "float64", requiresGrad });

const x = [
  [0.3, -1.2, 2.1],
  [1.5, 0.2, -0.7],
];
const y = [
  [0.1, 0.4, -0.9],
  [0.7, -0.2, 1.3],
];
const z = [
  [0.9, 1.4, 0.8],
  [-0.4, 0.6, 0.2],
];
const p = [
  [0.3, 0.6, 0.1],
  [0.2, 0.5, 0.9],
];
const signs = double([1, -1], false);

describe("gradients are the slopes, to the second order", () => {
  const reduction = "none";
  const rows: Record<string, [(...inputs: Tensor[]) => Tensor, number[][][]]> = {
    smoothL1Loss: [(a, b) => functional.smoothL1Loss(a, b, { reduction, beta: 0.7 }), [x, y]],
    huberLoss: [(a, b) => functional.huberLoss(a, b, { reduction, delta: 0.7 }), [x, y]],
    binaryCrossEntropy: [(a, b) => functional.binaryCrossEntropy(a, b, { reduction }), [p, p.toReversed()]],
    binaryCrossEntropyWithLogits: [
      (a, b) => functional.binaryCrossEntropyWithLogits(a, b, { reduction, posWeight: tensor(3) }),
      [x, p],
    ],
    softMarginLoss: [(a) => functional.softMarginLoss(a, double(y, false).sign(), { reduction }), [x]],
    multilabelSoftMarginLoss: [(a, b) => functional.multilabelSoftMarginLoss(a, b, { reduction }), [x, p]],
    klDiv: [(a, b) => functional.klDiv(a, b, { reduction }), [x, p]],
    "klDiv of logarithms": [(a, b) => functional.klDiv(a, b, { reduction: "batchmean", logTarget: true }), [x, y]],
    gaussianNllLoss: [(a, b, c) => functional.gaussianNllLoss(a, b, c, { reduction, full: true }), [x, y, p]],
    "poissonNllLoss of logarithms": [(a, b) => functional.poissonNllLoss(a, b, { reduction, full: true }), [x, z]],
    poissonNllLoss: [(a, b) => functional.poissonNllLoss(a, b, { reduction, logInput: false, eps: 0.1 }), [p, z]],
    hingeEmbeddingLoss: [
      (a) => functional.hingeEmbeddingLoss(a, signs.unsqueeze(1).expand([2, 3]), { reduction }),
      [x],
    ],
    marginRankingLoss: [(a, b) => functional.marginRankingLoss(a, b, double(z, false).sign(), { reduction }), [x, y]],
    multiMarginLoss: [(a) => functional.multiMarginLoss(a, int([2, 0]), { reduction, p: 2 }), [x]],
    multilabelMarginLoss: [(a) => functional.multilabelMarginLoss(a, int([[2, -1, 0], [0, 1, -1]]), { reduction }), [x]], // prettier-ignore
    tripletMarginLoss: [(a, b, c) => functional.tripletMarginLoss(a, b, c, { reduction, swap: true, p: 3 }), [x, y, z]],
    cosineEmbeddingLoss: [(a, b) => functional.cosineEmbeddingLoss(a, b, signs, { reduction, margin: -1 }), [x, y]],
    pairwiseDistance: [(a, b) => functional.pairwiseDistance(a, b), [x, y]],
    cosineSimilarity: [(a, b) => functional.cosineSimilarity(a, b), [x, y]],
    normalize: [(a) => functional.normalize(a, { p: 3 }), [x]],
  };
  test.each(Object.entries(rows))("%s", async (_, [loss, data]) => {
    const inputs = data.map((values) => double(values));
    await gradcheck(loss, inputs);
    await gradgradcheck(loss, inputs);
  });
});

describe("logits of ±100 give finite losses and gradients, in float32", () => {
  const far = [100, -100, 100, -100];
  const rows: Record<string, (x: Tensor) => Tensor> = {
    binaryCrossEntropyWithLogits: (x) => functional.binaryCrossEntropyWithLogits(x, tensor([1, 1, 0, 0])),
    "binaryCrossEntropy of their sigmoids": (x) => functional.binaryCrossEntropy(x.sigmoid(), tensor([1, 1, 0, 0])),
    softMarginLoss: (x) => functional.softMarginLoss(x, tensor([1, 1, -1, -1])),
    multilabelSoftMarginLoss: (x) => functional.multilabelSoftMarginLoss(x, tensor([1, 1, 0, 0])),
    "klDiv of their logSoftmax": (x) => functional.klDiv(x.logSoftmax(0), tensor([0, 1, 0, 0])),
    multiMarginLoss: (x) => functional.multiMarginLoss(x, int(1), { p: 2 }),
    smoothL1Loss: (x) => functional.smoothL1Loss(x, zeros([4])),
    cosineEmbeddingLoss: (x) => functional.cosineEmbeddingLoss(x, tensor(far.toReversed()), tensor(1)),
    tripletMarginLoss: (x) => functional.tripletMarginLoss(x, zeros([4]), tensor(far)),
  };
  test.each(Object.entries(rows))("%s", async (_, loss) => {
    const x = tensor(far, { requiresGrad: true });
    const value = loss(x);
    value.backward();
    const grads = (await x.grad!.tolist()) as number[];
    expect([await value.item(), ...grads].every(Number.isFinite)).toBe(true);
  });

  test("a right answer keeps its digits: log(1 + e⁻²⁰), which 20 - 20 would lose", async () => {
    const right = functional.binaryCrossEntropyWithLogits(tensor([20]), tensor([1]));
    expect(await right.item()).toBeCloseTo(2.0611536e-9, 15);
  });
});

describe("where PyTorch's gradient is none, ours is a number", () => {
  test("klDiv at a target of 0: -input; poissonNllLoss with Stirling's term up to 1: -input", async () => {
    const t = tensor([0], { requiresGrad: true });
    functional.klDiv(tensor([-2]), t, { reduction: "sum" }).backward();
    functional.poissonNllLoss(tensor([-3]), t, { full: true }).backward();
    expect(await t.grad!.tolist()).toEqual([5]);
  });

  test("binaryCrossEntropy of a certain prediction, in its target: that of the bounded logarithms", async () => {
    const t = tensor([0, 0], { requiresGrad: true });
    functional.binaryCrossEntropy(tensor([0, 1]), t, { reduction: "sum" }).backward();
    expect(await t.grad!.tolist()).toEqual([100, -100]);
  });

  test("smoothL1Loss with beta 0 where both are equal: 0, as l1Loss has it", async () => {
    const x = tensor([1], { requiresGrad: true });
    functional.smoothL1Loss(x, tensor([1]), { beta: 0 }).backward();
    expect(await x.grad!.tolist()).toEqual([0]);
  });
});

describe("losses refuse what makes no sense", () => {
  const classes = {
    ...{ SmoothL1Loss: nn.SmoothL1Loss, HuberLoss: nn.HuberLoss, BCELoss: nn.BCELoss, KLDivLoss: nn.KLDivLoss },
    ...{ BCEWithLogitsLoss: nn.BCEWithLogitsLoss, SoftMarginLoss: nn.SoftMarginLoss },
    ...{ MultiLabelSoftMarginLoss: nn.MultiLabelSoftMarginLoss, GaussianNLLLoss: nn.GaussianNLLLoss },
    ...{ PoissonNLLLoss: nn.PoissonNLLLoss, HingeEmbeddingLoss: nn.HingeEmbeddingLoss },
    ...{ MarginRankingLoss: nn.MarginRankingLoss, MultiMarginLoss: nn.MultiMarginLoss },
    ...{ MultiLabelMarginLoss: nn.MultiLabelMarginLoss, TripletMarginLoss: nn.TripletMarginLoss },
    ...{ CosineEmbeddingLoss: nn.CosineEmbeddingLoss, TripletMarginWithDistanceLoss: nn.TripletMarginWithDistanceLoss },
  };
  test.each(Object.entries(classes))("%s: unknown options and reductions", (name, create) => {
    expect(() => new create({ sizeAverage: true } as object)).toThrow(`${name}: unknown option "sizeAverage"`);
    expect(() => new create({ reduction: "average" as "mean" })).toThrow(`${name}: reduction must be "mean"`);
  });

  test.each<[string, () => unknown, string]>([
    ["beta", () => new nn.SmoothL1Loss({ beta: -1 }), "SmoothL1Loss: beta must be 0 or more, got -1"],
    ["delta", () => new nn.HuberLoss({ delta: 0 }), "HuberLoss: delta must be above 0, got 0"],
    ["margin", () => new nn.HingeEmbeddingLoss({ margin: "1" as never }), "margin must be a number"],
    ["p", () => new nn.MultiMarginLoss({ p: 3 as never }), "MultiMarginLoss: p must be 1 or 2, got 3"],
    ["posWeight", () => new nn.BCEWithLogitsLoss({ posWeight: 3 as never }), "posWeight must be a tensor, got 3"],
    ["weight", () => new nn.MultiMarginLoss({ weight: [1] as never }), "weight must be a tensor"],
    ["logTarget", () => new nn.KLDivLoss({ logTarget: 1 as never }), "KLDivLoss: logTarget must be true or false, got 1"],
    ["eps", () => new nn.GaussianNLLLoss({ eps: 0 }), "GaussianNLLLoss: eps must be above 0, got 0"],
    ["swap", () => new nn.TripletMarginLoss({ swap: "yes" as never }), "TripletMarginLoss: swap must be true or false"],
    ["distanceFunction", () => new nn.TripletMarginWithDistanceLoss({ distanceFunction: 2 as never }), "distanceFunction must be a function or a module, got 2"],
    ["posWeight of BCELoss", () => new nn.BCELoss({ posWeight: ones([1]) } as object), 'BCELoss: unknown option "posWeight"'],
    ["shapes of BCE", () => functional.binaryCrossEntropy(ones([2]), ones([2, 1])), "binaryCrossEntropy: the input has shape [2], the target [2, 1]\n  hint: make them equal"],
    ["the variance", () => functional.gaussianNllLoss(ones([2, 3]), ones([2, 3]), ones([3])), "gaussianNllLoss: for input [2, 3] the variance must have shape [2, 3], [2, 1] or [2], got [3]"],
    ["classes", () => functional.multiMarginLoss(ones([2, 3]), ones([2])), "multiMarginLoss: classes must be int32, got float32"],
    ["scores", () => functional.multiMarginLoss(ones([2, 3, 4]), int([1])), "multiMarginLoss: the input must be [C] or [N, C]"],
    ["a target for another batch", () => functional.multiMarginLoss(ones([2, 3]), int([1])), "for input [2, 3] a target of shape [1] does not fit"],
    ["weights per class", () => functional.multiMarginLoss(ones([2, 3]), int([1, 0]), { weight: ones([2]) }), "one number per class, [3], got shape [2]"],
    ["vectors", () => functional.cosineEmbeddingLoss(ones([2, 3]), ones([2, 4]), int([1, 1])), "cosineEmbeddingLoss: shapes [2, 3] and [2, 4] do not broadcast"],
    ["triplets", () => functional.tripletMarginLoss(ones([2, 3]), ones([2, 3]), ones([2, 2])), "tripletMarginLoss: shapes [2, 3] and [2, 2] do not broadcast"],
    ["a dim", () => functional.normalize(ones([2, 3]), { dim: 0.5 }), "normalize: dim must be an integer, got 0.5"],
  ])("%s", (_, act, message) => {
    expect(act).toThrow(message);
  }); // prettier-ignore

  test("a class out of range, when the loss is computed", async () => {
    await expect(functional.multiMarginLoss(zeros([1, 3]), int([3])).item()).rejects.toThrow(
      "multiMarginLoss: index 3 is out of range of size 3",
    );
  });
});

test("weights are buffers, saved and converted", () => {
  const loss = new nn.BCEWithLogitsLoss({ weight: ones([3]), posWeight: ones([3]) });
  expect(Object.keys(loss.stateDict())).toEqual(["weight", "posWeight"]);
  expect(loss.to("float64").posWeight!.dtype).toBe("float64");
  expect([...loss.parameters()]).toEqual([]);
});

test("another margin, power of a norm apart, compiles nothing new", async () => {
  const [a, b, c] = [zeros([2, 3]), ones([2, 3]), ones([2, 3])];
  const run = (margin: number): Promise<number> => functional.tripletMarginLoss(a, b, c, { margin }).item();
  await run(1);
  const { programs } = a.device;
  const { compiled } = programs;
  await run(0.3);
  expect(programs.compiled).toBe(compiled);
});
