import { manualSeed, noGrad, randn, Tensor } from "@downhill/core";
import * as nn from "@downhill/nn";
import { describe, expect, test } from "vitest";
import { difference, image, line, row, steps, tokens, volume } from "./onnx-runtime.js";

type Case = readonly [make: () => nn.Module, input: (batch: number) => Tensor | readonly Tensor[], batchDim?: number];

type ModuleName = {
  [Name in keyof typeof nn]: (typeof nn)[Name] extends abstract new (...args: never[]) => nn.Module ? Name : never;
}[keyof typeof nn];
type Loss = Extract<ModuleName, `${string}Loss`>;
/** Losses are not exported, and bases and containers have no forward of their own. */
type Container = "Module" | "ModuleList" | "ModuleDict" | "ParameterList" | "ParameterDict";

const bare = (make: () => nn.Module): Case => [make, row];

/** A layer that is forgotten here does not compile. */
const layers: Record<Exclude<ModuleName, Loss | Container>, readonly Case[]> = {
  Linear: [
    [() => new nn.Linear(4, 3), row],
    [() => new nn.Linear(9, 3, { bias: false }), line],
  ],
  Bilinear: [[() => new nn.Bilinear(4, 4, 2), (n) => [row(n), row(n)]]],
  Identity: [bare(() => new nn.Identity())],
  Sequential: [bare(() => new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 2)))],
  Flatten: [[() => new nn.Flatten(), image]],
  Unflatten: [[() => new nn.Unflatten(1, [2, 2]), line]],
  Embedding: [
    [() => new nn.Embedding(7, 3), tokens],
    [() => new nn.Embedding(7, 3, { paddingIdx: 0 }), tokens],
  ],
  Conv1d: [
    [() => new nn.Conv1d(4, 2, 3), line],
    [() => new nn.Conv1d(4, 2, 4, { padding: "same" }), line],
  ],
  Conv2d: [
    [() => new nn.Conv2d(4, 6, 3, { padding: 1, stride: 2, groups: 2 }), image],
    [() => new nn.Conv2d(4, 2, [2, 3], { dilation: [2, 1], bias: false }), image],
    [() => new nn.Conv2d(4, 2, 3, { padding: 1, paddingMode: "reflect" }), image],
    [() => new nn.Conv2d(4, 2, 3, { padding: [2, 1], paddingMode: "circular" }), image],
  ],
  Conv3d: [[() => new nn.Conv3d(2, 3, 3, { padding: 1 }), volume]],
  ConvTranspose1d: [[() => new nn.ConvTranspose1d(4, 2, 3, { stride: 2 }), line]],
  ConvTranspose2d: [
    [() => new nn.ConvTranspose2d(4, 6, 3, { stride: 2, padding: 1, outputPadding: 1 }), image],
    [() => new nn.ConvTranspose2d(4, 6, [2, 3], { groups: 2, dilation: 2, bias: false }), image],
  ],
  ConvTranspose3d: [[() => new nn.ConvTranspose3d(2, 2, 2, { stride: 2 }), volume]],
  MaxPool1d: [
    [() => new nn.MaxPool1d(2), line],
    [() => new nn.MaxPool1d(2, { ceilMode: true }), line],
  ],
  MaxPool2d: [
    [() => new nn.MaxPool2d(3, { stride: 2, padding: 1 }), image],
    [() => new nn.MaxPool2d(2, { dilation: 2, stride: 1 }), image],
    [() => new nn.MaxPool2d(2, { returnIndices: true }), image],
  ],
  MaxPool3d: [[() => new nn.MaxPool3d(2), volume]],
  AvgPool1d: [[() => new nn.AvgPool1d(3, { padding: 1 }), line]],
  AvgPool2d: [
    [() => new nn.AvgPool2d(3, { stride: 2, padding: 1, countIncludePad: false }), image],
    [() => new nn.AvgPool2d(3, { stride: 2, padding: 1 }), image],
    [() => new nn.AvgPool2d(2, { divisorOverride: 3 }), image],
    [() => new nn.AvgPool2d(3, { stride: 2, ceilMode: true }), image],
  ],
  AvgPool3d: [[() => new nn.AvgPool3d(2), volume]],
  LPPool1d: [[() => new nn.LPPool1d(2, 2), line]],
  LPPool2d: [[() => new nn.LPPool2d(2, 2), image]],
  LPPool3d: [[() => new nn.LPPool3d(2, 2), volume]],
  MaxUnpool1d: [[() => new Unpooled(), line]],
  MaxUnpool2d: [[() => new Unpooled(2), image]],
  MaxUnpool3d: [[() => new Unpooled(3), (n) => randn([n, 2, 4, 6, 4])]],
  AdaptiveAvgPool1d: [[() => new nn.AdaptiveAvgPool1d(4), line]],
  AdaptiveAvgPool2d: [
    [() => new nn.AdaptiveAvgPool2d(1), image],
    [() => new nn.AdaptiveAvgPool2d([3, 4]), image],
  ],
  AdaptiveAvgPool3d: [[() => new nn.AdaptiveAvgPool3d(1), volume]],
  AdaptiveMaxPool1d: [[() => new nn.AdaptiveMaxPool1d(4), line]],
  AdaptiveMaxPool2d: [[() => new nn.AdaptiveMaxPool2d([3, 4]), image]],
  AdaptiveMaxPool3d: [[() => new nn.AdaptiveMaxPool3d(2), volume]],
  Fold: [[() => new nn.Fold([3, 4], 2), (n) => randn([n, 8, 6])]],
  Unfold: [[() => new nn.Unfold(2, { padding: 1, stride: 2 }), image]],
  Upsample: [
    [() => new nn.Upsample({ scaleFactor: 2 }), image],
    [() => new nn.Upsample({ scaleFactor: 1.5 }), line],
    [() => new nn.Upsample({ size: [5, 9], mode: "bilinear" }), image],
    [() => new nn.Upsample({ scaleFactor: 2, mode: "bilinear", alignCorners: true }), image],
    [() => new nn.Upsample({ scaleFactor: 1.5, mode: "bicubic" }), image],
    [() => new nn.Upsample({ size: 5, mode: "nearest-exact" }), image],
    [() => new nn.Upsample({ scaleFactor: 2, mode: "trilinear" }), volume],
  ],
  UpsamplingNearest2d: [[() => new nn.UpsamplingNearest2d({ scaleFactor: 2 }), image]],
  UpsamplingBilinear2d: [[() => new nn.UpsamplingBilinear2d({ size: 7 }), image]],
  PixelShuffle: [[() => new nn.PixelShuffle(2), image]],
  PixelUnshuffle: [[() => new nn.PixelUnshuffle(2), image]],
  ChannelShuffle: [[() => new nn.ChannelShuffle(2), image]],
  ZeroPad1d: [[() => new nn.ZeroPad1d(1), line]],
  ZeroPad2d: [[() => new nn.ZeroPad2d([1, 0, 2, -1]), image]],
  ZeroPad3d: [[() => new nn.ZeroPad3d(1), volume]],
  ConstantPad1d: [[() => new nn.ConstantPad1d(1, 2), line]],
  ConstantPad2d: [[() => new nn.ConstantPad2d(1, 2), image]],
  ConstantPad3d: [[() => new nn.ConstantPad3d(1, 2), volume]],
  ReflectionPad1d: [[() => new nn.ReflectionPad1d(2), line]],
  ReflectionPad2d: [[() => new nn.ReflectionPad2d(2), image]],
  ReflectionPad3d: [[() => new nn.ReflectionPad3d(1), volume]],
  ReplicationPad1d: [[() => new nn.ReplicationPad1d(2), line]],
  ReplicationPad2d: [[() => new nn.ReplicationPad2d(2), image]],
  ReplicationPad3d: [[() => new nn.ReplicationPad3d(1), volume]],
  CircularPad1d: [[() => new nn.CircularPad1d(2), line]],
  CircularPad2d: [[() => new nn.CircularPad2d(2), image]],
  CircularPad3d: [[() => new nn.CircularPad3d(1), volume]],
  LayerNorm: [bare(() => new nn.LayerNorm(4)), [() => new nn.LayerNorm([8, 6], { elementwiseAffine: false }), image]],
  RMSNorm: [bare(() => new nn.RMSNorm(4))],
  GroupNorm: [[() => new nn.GroupNorm(2, 4), image]],
  BatchNorm1d: [
    [() => new nn.BatchNorm1d(4), line],
    [() => new nn.BatchNorm1d(4, { affine: false }), row],
  ],
  BatchNorm2d: [
    [() => new nn.BatchNorm2d(4), image],
    [() => new nn.BatchNorm2d(4, { trackRunningStats: false }), image],
  ],
  BatchNorm3d: [[() => new nn.BatchNorm3d(2), volume]],
  InstanceNorm1d: [[() => new nn.InstanceNorm1d(4, { affine: true }), line]],
  InstanceNorm2d: [[() => new nn.InstanceNorm2d(4, { trackRunningStats: true }), image]],
  InstanceNorm3d: [[() => new nn.InstanceNorm3d(2), volume]],
  LocalResponseNorm: [[() => new nn.LocalResponseNorm(2), image]],
  Dropout: [[() => new nn.Dropout(), image]],
  Dropout1d: [[() => new nn.Dropout1d(), line]],
  Dropout2d: [[() => new nn.Dropout2d(), image]],
  Dropout3d: [[() => new nn.Dropout3d(), volume]],
  AlphaDropout: [[() => new nn.AlphaDropout(), image]],
  FeatureAlphaDropout: [[() => new nn.FeatureAlphaDropout(), image]],
  MultiheadAttention: [
    [() => new nn.MultiheadAttention(4, 2), (n) => [steps(n), steps(n), steps(n)], 1],
    [() => new nn.MultiheadAttention(4, 2, { batchFirst: true }), (n) => [randn([n, 3, 4]), randn([n, 5, 4]), randn([n, 5, 4])]], // prettier-ignore
  ],
  RNN: [
    [() => new nn.RNN(4, 3, { bidirectional: true, numLayers: 2 }), steps, 1],
    [() => new nn.RNN(4, 3, { nonlinearity: "relu", batchFirst: true, bias: false }), (n) => randn([n, 5, 4])],
  ],
  LSTM: [
    [() => new nn.LSTM(4, 3, 2, { bidirectional: true }), steps, 1],
    [() => new nn.LSTM(4, 3, { batchFirst: true, bias: false }), (n) => randn([n, 5, 4])],
  ],
  GRU: [
    [() => new nn.GRU(4, 3, 2), steps, 1],
    [() => new nn.GRU(4, 3, { batchFirst: true, bidirectional: true }), (n) => randn([n, 5, 4])],
  ],
  RNNCell: [bare(() => new nn.RNNCell(4, 3))],
  LSTMCell: [bare(() => new nn.LSTMCell(4, 3))],
  GRUCell: [[() => new nn.GRUCell(4, 3), (n) => [row(n), randn([n, 3])]]],
  TransformerEncoderLayer: [
    [() => new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 5 }), steps, 1],
    [() => new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 5, batchFirst: true, normFirst: true, activation: "gelu" }), (n) => randn([n, 5, 4])], // prettier-ignore
  ],
  TransformerEncoder: [
    [() => new nn.TransformerEncoder(new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 5, batchFirst: true }), 2), (n) => randn([n, 5, 4])], // prettier-ignore
  ],
  TransformerDecoderLayer: [
    [() => new nn.TransformerDecoderLayer(4, 2, { dimFeedforward: 5 }), (n) => [steps(n), randn([3, n, 4])], 1],
  ],
  TransformerDecoder: [
    [() => new nn.TransformerDecoder(new nn.TransformerDecoderLayer(4, 2, { dimFeedforward: 5 }), 2), (n) => [steps(n), randn([3, n, 4])], 1], // prettier-ignore
  ],
  Transformer: [
    [() => new nn.Transformer({ dModel: 4, nhead: 2, numEncoderLayers: 1, numDecoderLayers: 1, dimFeedforward: 5 }), (n) => [randn([3, n, 4]), steps(n)], 1], // prettier-ignore
  ],
  ReLU: [bare(() => new nn.ReLU())],
  ReLU6: [bare(() => new nn.ReLU6())],
  LeakyReLU: [bare(() => new nn.LeakyReLU(0.2))],
  PReLU: [bare(() => new nn.PReLU()), [() => new nn.PReLU(4), image]],
  RReLU: [bare(() => new nn.RReLU())],
  ELU: [bare(() => new nn.ELU({ alpha: 1.5 }))],
  SELU: [bare(() => new nn.SELU())],
  CELU: [bare(() => new nn.CELU({ alpha: 1.5 }))],
  SiLU: [bare(() => new nn.SiLU())],
  GELU: [bare(() => new nn.GELU()), bare(() => new nn.GELU({ approximate: "tanh" }))],
  Mish: [bare(() => new nn.Mish())],
  GLU: [bare(() => new nn.GLU())],
  Sigmoid: [bare(() => new nn.Sigmoid())],
  LogSigmoid: [bare(() => new nn.LogSigmoid())],
  Hardsigmoid: [bare(() => new nn.Hardsigmoid())],
  Hardswish: [bare(() => new nn.Hardswish())],
  Hardtanh: [bare(() => new nn.Hardtanh({ minVal: -0.5 }))],
  Tanh: [bare(() => new nn.Tanh())],
  Tanhshrink: [bare(() => new nn.Tanhshrink())],
  Hardshrink: [bare(() => new nn.Hardshrink())],
  Softshrink: [bare(() => new nn.Softshrink())],
  Softsign: [bare(() => new nn.Softsign())],
  Softplus: [bare(() => new nn.Softplus()), bare(() => new nn.Softplus({ beta: 2 }))],
  Threshold: [bare(() => new nn.Threshold(0.1, 2))],
  Softmax: [bare(() => new nn.Softmax(1)), [() => new nn.Softmax(-2), image]],
  Softmax2d: [[() => new nn.Softmax2d(), image]],
  Softmin: [bare(() => new nn.Softmin(1))],
  LogSoftmax: [bare(() => new nn.LogSoftmax(1))],
  PairwiseDistance: [[() => new nn.PairwiseDistance(), (n) => [row(n), row(n)]]],
  CosineSimilarity: [[() => new nn.CosineSimilarity(), (n) => [row(n), row(n)]]],
};

/** A pool and what undoes it, which is one model: indices come from the pool. */
class Unpooled extends nn.Module {
  private readonly dims: 1 | 2 | 3;
  constructor(dims: 1 | 2 | 3 = 1) {
    super();
    this.dims = dims;
  }
  override forward(x: Tensor): Tensor {
    const pool = [nn.functional.maxPool1d, nn.functional.maxPool2d, nn.functional.maxPool3d][this.dims - 1]!;
    const undo = [nn.functional.maxUnpool1d, nn.functional.maxUnpool2d, nn.functional.maxUnpool3d][this.dims - 1]!;
    const [values, indices] = pool(x, 2, { returnIndices: true });
    return undo(values, indices, 2);
  }
}

const list = (inputs: Tensor | readonly Tensor[]): readonly Tensor[] => (inputs instanceof Tensor ? [inputs] : inputs);

describe("each layer gives in onnxruntime what it gives here, at another size of the batch than it was exported with", () => {
  test.each(Object.entries(layers))("%s", async (_, cases) => {
    manualSeed(0);
    for (const [make, input, batchDim = 0] of cases) {
      const model = make();
      // Weights of norms are ones, and statistics those of a normal distribution, until something changes them.
      noGrad(() => {
        for (const state of [...model.parameters(), ...model.buffers()])
          if (state.dtype === "float32") state.copy_(state.add(randn(state.shape).abs().mul(0.2)));
      });
      const example = list(input(1));
      const names = example.length === 1 ? ["input"] : example.map((_, i) => `input${i + 1}`);
      const dynamicAxes = Object.fromEntries(names.map((name) => [name, { [batchDim]: "batch" }]));
      for (const batch of [1, 3])
        expect(await difference(model, example, list(input(batch)), { dynamicAxes }), String(model)).toBeLessThan(1e-4);
    }
  });
});
