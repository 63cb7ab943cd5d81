import { type Device, manualSeed, randint, randn, setDefaultDevice, type Tensor } from "@downhill/core";
import * as nn from "@downhill/nn";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { openSoftwareDevice } from "./open-device.js";

type ModuleName = {
  [Name in keyof typeof nn]: (typeof nn)[Name] extends abstract new (...args: never[]) => nn.Module ? Name : never;
}[keyof typeof nn];
/** What holds parts, and what is made of others. */
type Container =
  | ("Module" | "Sequential" | "ModuleList" | "ModuleDict" | "ParameterList" | "ParameterDict")
  | ("TransformerEncoder" | "TransformerDecoder" | "Transformer");

/** A module and what its forward takes, made on the default device. */
type Case = () => [module: nn.Module, ...args: unknown[]];

const row = (): Tensor => randn([3, 4], { requiresGrad: true });
const line = (): Tensor => randn([2, 4, 6], { requiresGrad: true });
const image = (): Tensor => randn([2, 4, 6, 5], { requiresGrad: true });
const volume = (): Tensor => randn([1, 4, 3, 4, 3], { requiresGrad: true });
const signs = (shape: number[]): Tensor => randn(shape).sign();
const classes = (): Tensor => randint(0, 4, [3]);

/** A layer that is forgotten here does not compile. */
const cases: Record<Exclude<ModuleName, Container>, Case> = {
  Linear: () => [new nn.Linear(4, 3), row()],
  Bilinear: () => [new nn.Bilinear(4, 4, 2), row(), row()],
  Identity: () => [new nn.Identity(), row()],
  Flatten: () => [new nn.Flatten(), line()],
  Unflatten: () => [new nn.Unflatten(1, [2, 2]), line()],
  Embedding: () => [new nn.Embedding(5, 3), randint(0, 5, [2, 4])],
  Conv1d: () => [new nn.Conv1d(4, 2, 3), line()],
  Conv2d: () => [new nn.Conv2d(4, 2, 3, { padding: 1 }), image()],
  Conv3d: () => [new nn.Conv3d(4, 2, 3, { padding: 1 }), volume()],
  ConvTranspose1d: () => [new nn.ConvTranspose1d(4, 2, 3, { stride: 2 }), line()],
  ConvTranspose2d: () => [new nn.ConvTranspose2d(4, 2, 3, { stride: 2 }), image()],
  ConvTranspose3d: () => [new nn.ConvTranspose3d(4, 2, 3), volume()],
  MaxPool1d: () => [new nn.MaxPool1d(2), line()],
  MaxPool2d: () => [new nn.MaxPool2d(2), image()],
  MaxPool3d: () => [new nn.MaxPool3d(2), volume()],
  AvgPool1d: () => [new nn.AvgPool1d(2), line()],
  AvgPool2d: () => [new nn.AvgPool2d(2), image()],
  AvgPool3d: () => [new nn.AvgPool3d(2), volume()],
  LPPool1d: () => [new nn.LPPool1d(2, 2), line()],
  LPPool2d: () => [new nn.LPPool2d(2, 2), image()],
  LPPool3d: () => [new nn.LPPool3d(2, 2), volume()],
  MaxUnpool1d: () => [new nn.MaxUnpool1d(2), ...nn.functional.maxPool1d(line(), 2, { returnIndices: true })],
  MaxUnpool2d: () => [new nn.MaxUnpool2d(2), ...nn.functional.maxPool2d(image(), 2, { returnIndices: true }), [6, 5]],
  MaxUnpool3d: () => [
    new nn.MaxUnpool3d(2),
    ...nn.functional.maxPool3d(volume(), 2, { returnIndices: true }),
    [3, 4, 3],
  ],
  AdaptiveAvgPool1d: () => [new nn.AdaptiveAvgPool1d(4), line()],
  AdaptiveAvgPool2d: () => [new nn.AdaptiveAvgPool2d([4, 2]), image()],
  AdaptiveAvgPool3d: () => [new nn.AdaptiveAvgPool3d(2), volume()],
  AdaptiveMaxPool1d: () => [new nn.AdaptiveMaxPool1d(4), line()],
  AdaptiveMaxPool2d: () => [new nn.AdaptiveMaxPool2d([4, 2]), image()],
  AdaptiveMaxPool3d: () => [new nn.AdaptiveMaxPool3d(2), volume()],
  Fold: () => [new nn.Fold([3, 4], 2), line()],
  Unfold: () => [new nn.Unfold(2), image()],
  Upsample: () => [new nn.Upsample({ scaleFactor: 1.5, mode: "bicubic" }), image()],
  UpsamplingNearest2d: () => [new nn.UpsamplingNearest2d({ scaleFactor: 2 }), image()],
  UpsamplingBilinear2d: () => [new nn.UpsamplingBilinear2d({ size: 7 }), image()],
  PixelShuffle: () => [new nn.PixelShuffle(2), image()],
  PixelUnshuffle: () => [new nn.PixelUnshuffle(1), image()],
  ChannelShuffle: () => [new nn.ChannelShuffle(2), image()],
  ZeroPad1d: () => [new nn.ZeroPad1d(1), line()],
  ZeroPad2d: () => [new nn.ZeroPad2d(1), image()],
  ZeroPad3d: () => [new nn.ZeroPad3d(1), volume()],
  ConstantPad1d: () => [new nn.ConstantPad1d(1, 2), line()],
  ConstantPad2d: () => [new nn.ConstantPad2d(1, 2), image()],
  ConstantPad3d: () => [new nn.ConstantPad3d(1, 2), volume()],
  ReflectionPad1d: () => [new nn.ReflectionPad1d(2), line()],
  ReflectionPad2d: () => [new nn.ReflectionPad2d(2), image()],
  ReflectionPad3d: () => [new nn.ReflectionPad3d(1), volume()],
  ReplicationPad1d: () => [new nn.ReplicationPad1d(2), line()],
  ReplicationPad2d: () => [new nn.ReplicationPad2d(2), image()],
  ReplicationPad3d: () => [new nn.ReplicationPad3d(1), volume()],
  CircularPad1d: () => [new nn.CircularPad1d(2), line()],
  CircularPad2d: () => [new nn.CircularPad2d(2), image()],
  CircularPad3d: () => [new nn.CircularPad3d(1), volume()],
  LayerNorm: () => [new nn.LayerNorm(4), row()],
  RMSNorm: () => [new nn.RMSNorm(4), row()],
  GroupNorm: () => [new nn.GroupNorm(2, 4), image()],
  BatchNorm1d: () => [new nn.BatchNorm1d(4), line()],
  BatchNorm2d: () => [new nn.BatchNorm2d(4), image()],
  BatchNorm3d: () => [new nn.BatchNorm3d(4), volume()],
  InstanceNorm1d: () => [new nn.InstanceNorm1d(4, { affine: true }), line()],
  InstanceNorm2d: () => [new nn.InstanceNorm2d(4, { trackRunningStats: true }), image()],
  InstanceNorm3d: () => [new nn.InstanceNorm3d(4), volume()],
  LocalResponseNorm: () => [new nn.LocalResponseNorm(2), image()],
  Dropout: () => [new nn.Dropout(), image()],
  Dropout1d: () => [new nn.Dropout1d(), line()],
  Dropout2d: () => [new nn.Dropout2d(), image()],
  Dropout3d: () => [new nn.Dropout3d(), volume()],
  AlphaDropout: () => [new nn.AlphaDropout(), image()],
  FeatureAlphaDropout: () => [new nn.FeatureAlphaDropout(), image()],
  MultiheadAttention: () => [new nn.MultiheadAttention(4, 2), line().permute(2, 0, 1), ...[0, 1].map(() => randn([5, 2, 4]))], // prettier-ignore
  RNN: () => [new nn.RNN(4, 3, { bidirectional: true }), randn([5, 2, 4], { requiresGrad: true })],
  LSTM: () => [new nn.LSTM(4, 3, 2, { projSize: 2 }), randn([5, 2, 4], { requiresGrad: true })],
  GRU: () => [new nn.GRU(4, 3), randn([5, 2, 4], { requiresGrad: true })],
  RNNCell: () => [new nn.RNNCell(4, 3), row()],
  LSTMCell: () => [new nn.LSTMCell(4, 3), row()],
  GRUCell: () => [new nn.GRUCell(4, 3), row(), randn([3, 3], { requiresGrad: true })],
  TransformerEncoderLayer: () => [new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 5 }), randn([3, 2, 4])],
  TransformerDecoderLayer: () => [
    new nn.TransformerDecoderLayer(4, 2, { dimFeedforward: 5 }),
    randn([3, 2, 4]),
    randn([5, 2, 4]),
  ],
  ReLU: () => [new nn.ReLU(), row()],
  ReLU6: () => [new nn.ReLU6(), row()],
  LeakyReLU: () => [new nn.LeakyReLU(), row()],
  PReLU: () => [new nn.PReLU(), row()],
  RReLU: () => [new nn.RReLU(), row()],
  ELU: () => [new nn.ELU(), row()],
  SELU: () => [new nn.SELU(), row()],
  CELU: () => [new nn.CELU(), row()],
  SiLU: () => [new nn.SiLU(), row()],
  GELU: () => [new nn.GELU(), row()],
  Mish: () => [new nn.Mish(), row()],
  GLU: () => [new nn.GLU(), row()],
  Sigmoid: () => [new nn.Sigmoid(), row()],
  LogSigmoid: () => [new nn.LogSigmoid(), row()],
  Hardsigmoid: () => [new nn.Hardsigmoid(), row()],
  Hardswish: () => [new nn.Hardswish(), row()],
  Hardtanh: () => [new nn.Hardtanh(), row()],
  Tanh: () => [new nn.Tanh(), row()],
  Tanhshrink: () => [new nn.Tanhshrink(), row()],
  Hardshrink: () => [new nn.Hardshrink(), row()],
  Softshrink: () => [new nn.Softshrink(), row()],
  Softsign: () => [new nn.Softsign(), row()],
  Softplus: () => [new nn.Softplus(), row()],
  Threshold: () => [new nn.Threshold(0.1, 2), row()],
  Softmax: () => [new nn.Softmax(1), row()],
  Softmax2d: () => [new nn.Softmax2d(), image()],
  Softmin: () => [new nn.Softmin(1), row()],
  LogSoftmax: () => [new nn.LogSoftmax(1), row()],
  MSELoss: () => [new nn.MSELoss(), row(), row()],
  L1Loss: () => [new nn.L1Loss(), row(), row()],
  SmoothL1Loss: () => [new nn.SmoothL1Loss(), row(), row()],
  HuberLoss: () => [new nn.HuberLoss(), row(), row()],
  CrossEntropyLoss: () => [new nn.CrossEntropyLoss({ labelSmoothing: 0.1 }), row(), classes()],
  NLLLoss: () => [new nn.NLLLoss(), row(), classes()],
  CTCLoss: () => [new nn.CTCLoss(), randn([6, 2, 4], { requiresGrad: true }).logSoftmax(2), randint(1, 4, [2, 2]), [6, 5], [2, 1]], // prettier-ignore
  BCELoss: () => [new nn.BCELoss(), row().sigmoid(), row().sigmoid()],
  BCEWithLogitsLoss: () => [new nn.BCEWithLogitsLoss(), row(), row().sigmoid()],
  KLDivLoss: () => [new nn.KLDivLoss({ reduction: "batchmean" }), row().logSoftmax(1), row().softmax(1)],
  GaussianNLLLoss: () => [new nn.GaussianNLLLoss(), row(), row(), row().square().add(0.1)],
  PoissonNLLLoss: () => [new nn.PoissonNLLLoss(), row(), randint(0, 5, [3, 4]).to("float32")],
  SoftMarginLoss: () => [new nn.SoftMarginLoss(), row(), signs([3, 4])],
  MultiLabelSoftMarginLoss: () => [new nn.MultiLabelSoftMarginLoss(), row(), signs([3, 4]).gt(0).to("float32")],
  HingeEmbeddingLoss: () => [new nn.HingeEmbeddingLoss(), row(), signs([3, 4])],
  MarginRankingLoss: () => [new nn.MarginRankingLoss(), row(), row(), signs([3, 4])],
  MultiMarginLoss: () => [new nn.MultiMarginLoss(), row(), classes()],
  MultiLabelMarginLoss: () => [new nn.MultiLabelMarginLoss(), row(), randint(-1, 4, [3, 4])],
  TripletMarginLoss: () => [new nn.TripletMarginLoss(), row(), row(), row()],
  TripletMarginWithDistanceLoss: () => [new nn.TripletMarginWithDistanceLoss(), row(), row(), row()],
  CosineEmbeddingLoss: () => [new nn.CosineEmbeddingLoss(), row(), row(), signs([3])],
  PairwiseDistance: () => [new nn.PairwiseDistance(), row(), row()],
  CosineSimilarity: () => [new nn.CosineSimilarity(), row(), row()],
};

/** Results of a forward pass, and gradients of what it learns, as numbers. */
async function run(make: Case): Promise<number[][]> {
  manualSeed(7);
  const [module, ...args] = make();
  const outputs = [(module.forward as (...args: unknown[]) => unknown)(...args)].flat(2) as (Tensor | null)[];
  const first = outputs[0]!;
  // A slope that differs from element to element: the sum of a softmax or a norm has none.
  if (first.requiresGrad) first.mul(first.detach().cos()).sum().backward();
  const leaves = args.filter(
    (x): x is Tensor => typeof x === "object" && x !== null && "isLeaf" in x && (x as Tensor).isLeaf,
  );
  const all = [...outputs, ...module.buffers(), ...[...module.parameters(), ...leaves].map(({ grad }) => grad)];
  return Promise.all(all.map(async (x) => (x === null ? [] : Array.from(await x.data(), Number))));
}

let webgpu: Device;
beforeAll(async () => {
  webgpu = await openSoftwareDevice();
});
afterEach(() => setDefaultDevice("cpu"));

describe("layers and losses give on the GPU what they give on the CPU, with their gradients", () => {
  it.each(Object.entries(cases))("%s", async (_, make) => {
    const expected = await run(make);
    setDefaultDevice(webgpu);
    const found = await run(make);
    expect(found.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
    for (const [i, numbers] of expected.entries()) {
      const scale = Math.max(1, ...numbers.map(Math.abs).filter(Number.isFinite));
      for (const [j, number] of numbers.entries())
        if (found[i]![j] !== number) expect(Math.abs(found[i]![j]! - number)).toBeLessThan(2e-5 * scale);
    }
  });
});
