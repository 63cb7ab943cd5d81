import * as activations from "../activations.js";
import { AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d } from "../adaptive-pooling.js";
import type { BatchNorm } from "../batch-norm.js";
import { BatchNorm1d, BatchNorm2d, BatchNorm3d } from "../batch-norm.js";
import { ConvTranspose1d, ConvTranspose2d, ConvTranspose3d } from "../conv-transpose.js";
import { Conv1d, Conv2d, Conv3d } from "../convolution.js";
import { Embedding } from "../embedding.js";
import { samePadding } from "../functional/convolution.js";
import type { Extent } from "../functional/extent.js";
import { LayerNorm } from "../layer-norm.js";
import type { Module } from "../module.js";
import * as more from "../more-activations.js";
import { AvgPool1d, AvgPool2d, AvgPool3d, MaxPool1d, MaxPool2d, MaxPool3d } from "../pooling.js";
import { PixelShuffle } from "../shuffle.js";
import { Upsample } from "../upsample.js";
import { type LayerClass, layerOp, type LayerOp } from "./layer-op.js";
import type { Attribute } from "./messages.js";
import { recurrentOps } from "./recurrent-ops.js";

const floats = (given: Readonly<Record<string, number>>): Record<string, Attribute> =>
  Object.fromEntries(Object.entries(given).map(([name, value]) => [name, { float: value }]));

/** A layer of one tensor that is one operation, with attributes. */
const simple = <M extends Module>(
  layer: LayerClass<M>,
  type: string,
  attributes: (module: M) => Readonly<Record<string, Attribute>> | null = () => ({}),
): LayerOp =>
  layerOp(layer, (module) => {
    const found = attributes(module);
    return found && ((graph, { names }) => [graph.add(type, [names[0]!], found)]);
  });

const all = (extent: Extent, dims: number): readonly number[] =>
  typeof extent === "number" ? new Array<number>(dims).fill(extent) : extent;

/** Begin of each dim, then end of each. */
const both = (sides: readonly number[]): number[] => [...sides, ...sides];

const conv = <M extends Conv1d>(layer: LayerClass<M>, dims: number): LayerOp =>
  layerOp(layer, (module, { shapes }) => {
    const { kernelSize, stride, dilation, groups, padding, paddingMode } = module;
    if (paddingMode !== "zeros" || shapes[0]?.length !== dims + 2) return null;
    const same = samePadding(kernelSize.map((size, i) => dilation[i]! * (size - 1) + 1));
    const pads =
      padding === "same"
        ? [...same.map(([before]) => before), ...same.map(([, after]) => after)]
        : both(padding === "valid" ? kernelSize.map(() => 0) : padding);
    const attributes = { kernel_shape: kernelSize, strides: stride, dilations: dilation, group: groups, pads };
    return (graph, { names, weight }) => [
      graph.add("Conv", [names[0]!, weight("weight"), ...optional(weight("bias"))], attributes),
    ];
  });

const optional = (name: string): string[] => (name === "" ? [] : [name]);

const convTranspose = <M extends ConvTranspose1d>(layer: LayerClass<M>, dims: number): LayerOp =>
  layerOp(layer, (module, { args, shapes }) => {
    const { kernelSize, stride, dilation, groups, padding, outputPadding } = module;
    if ((args[1] ?? null) !== null || typeof padding === "string" || shapes[0]?.length !== dims + 2) return null;
    const attributes = {
      kernel_shape: kernelSize,
      strides: stride,
      dilations: dilation,
      group: groups,
      pads: both(padding),
      output_padding: outputPadding,
    };
    return (graph, { names, weight }) => [
      graph.add("ConvTranspose", [names[0]!, weight("weight"), ...optional(weight("bias"))], attributes),
    ];
  });

const maxPool = <M extends MaxPool1d<boolean>>(layer: LayerClass<M>, dims: number): LayerOp =>
  layerOp(layer, ({ kernelSize, stride, padding, dilation, ceilMode, returnIndices }, { shapes }) => {
    if (ceilMode || returnIndices || shapes[0]?.length !== dims + 2) return null;
    const attributes = {
      kernel_shape: all(kernelSize, dims),
      strides: all(stride, dims),
      dilations: all(dilation, dims),
      pads: both(all(padding, dims)),
    };
    return (graph, { names }) => [graph.add("MaxPool", [names[0]!], attributes)];
  });

/** What the averages over one dim and over more have in common. */
type AvgPool = Module & Pick<AvgPool2d, "kernelSize" | "stride" | "padding" | "ceilMode" | "countIncludePad">;

const avgPool = <M extends AvgPool>(layer: LayerClass<M>, dims: number): LayerOp =>
  layerOp(layer, (module, { shapes }) => {
    const { kernelSize, stride, padding, ceilMode, countIncludePad } = module;
    const divisor = (module as { readonly divisorOverride?: number | null }).divisorOverride ?? null;
    if (ceilMode || divisor !== null || shapes[0]?.length !== dims + 2) return null;
    const attributes = {
      kernel_shape: all(kernelSize, dims),
      strides: all(stride, dims),
      pads: both(all(padding, dims)),
      count_include_pad: countIncludePad ? 1 : 0,
    };
    return (graph, { names }) => [graph.add("AveragePool", [names[0]!], attributes)];
  });

/** Only the mean over all places is an operation; others are written as what they are made of. */
const adaptiveAvgPool = <M extends Module & { readonly outputSize: unknown }>(
  layer: LayerClass<M>,
  dims: number,
): LayerOp =>
  layerOp(layer, ({ outputSize }, { shapes }) => {
    const sizes = Array.isArray(outputSize) ? (outputSize as readonly unknown[]) : [outputSize];
    if (!sizes.every((size) => size === 1) || shapes[0]?.length !== dims + 2) return null;
    return (graph, { names }) => [graph.add("GlobalAveragePool", [names[0]!])];
  });

const batchNorm = <M extends BatchNorm>(layer: LayerClass<M>): LayerOp =>
  layerOp(layer, ({ eps, affine, numFeatures, runningMean }) => {
    if (runningMean === null) return null; // then it takes those of the batch
    const { dtype } = runningMean;
    return (graph, { names, weight }) => {
      const scale = affine ? weight("weight") : graph.number(1, dtype, [numFeatures]);
      const shift = affine ? weight("bias") : graph.number(0, dtype, [numFeatures]);
      const inputs = [names[0]!, scale, shift, weight("runningMean"), weight("runningVar")];
      return [graph.add("BatchNormalization", inputs, floats({ epsilon: eps }))];
    };
  });

const layerNorm: LayerOp = layerOp(LayerNorm, ({ normalizedShape, eps, weight: scale }) => {
  if (scale === null) return null;
  return (graph, { names, weight }) => {
    const inputs = [names[0]!, weight("weight"), ...optional(weight("bias"))];
    return [graph.add("LayerNormalization", inputs, { axis: -normalizedShape.length, ...floats({ epsilon: eps }) })];
  };
});

const embedding: LayerOp = layerOp(Embedding, () => (graph, { names, weight }) => [
  graph.add("Gather", [weight("weight"), names[0]!], { axis: 0 }),
]);

const upsample: LayerOp = layerOp(Upsample, (module, { shapes }) => {
  const { size, scaleFactor, mode, alignCorners, recomputeScaleFactor } = module;
  const rank = shapes[0]!.length;
  const modes: Readonly<Record<string, string>> = { nearest: "nearest", linear: "linear", bilinear: "linear", trilinear: "linear", bicubic: "cubic" }; // prettier-ignore
  const kind = modes[mode];
  if (kind === undefined || (recomputeScaleFactor ?? false)) return null;
  const attributes: Record<string, Attribute> = {
    mode: kind,
    coordinate_transformation_mode: kind === "nearest" ? "asymmetric" : alignCorners === true ? "align_corners" : "pytorch_half_pixel", // prettier-ignore
    ...(kind === "nearest" ? { nearest_mode: "floor" } : {}),
    ...(kind === "cubic" ? floats({ cubic_coeff_a: -0.75 }) : {}),
    axes: Array.from({ length: rank - 2 }, (_, i) => i + 2),
  };
  return (graph, { names }) => {
    const x = names[0]!;
    const dims = rank - 2;
    if (scaleFactor !== null && scaleFactor !== undefined)
      return [graph.add("Resize", [x, "", graph.floats(all(scaleFactor, dims))], attributes)];
    return [graph.add("Resize", [x, "", "", graph.ints(all(size!, dims))], attributes)];
  };
});

const pixelShuffle: LayerOp = layerOp(PixelShuffle, ({ upscaleFactor }, { shapes }) => {
  if (shapes[0]?.length !== 4) return null;
  return (graph, { names }) => [graph.add("DepthToSpace", [names[0]!], { blocksize: upscaleFactor, mode: "CRD" })];
});

/** ONNX wants the dim that the exponentials are summed over; a softmax without one is written as what it is made of. */
const alongDim = ({ dim }: { readonly dim: number }): { axis: number } => ({ axis: dim });

/** Layers that are operations of ONNX; all others are written as the primitives that their forward records. */
export const layerOps: readonly LayerOp[] = [
  conv(Conv1d, 1),
  conv(Conv2d, 2),
  conv(Conv3d, 3),
  convTranspose(ConvTranspose1d, 1),
  convTranspose(ConvTranspose2d, 2),
  convTranspose(ConvTranspose3d, 3),
  maxPool(MaxPool1d, 1),
  maxPool(MaxPool2d, 2),
  maxPool(MaxPool3d, 3),
  avgPool(AvgPool1d, 1),
  avgPool(AvgPool2d, 2),
  avgPool(AvgPool3d, 3),
  adaptiveAvgPool(AdaptiveAvgPool1d, 1),
  adaptiveAvgPool(AdaptiveAvgPool2d, 2),
  adaptiveAvgPool(AdaptiveAvgPool3d, 3),
  batchNorm(BatchNorm1d),
  batchNorm(BatchNorm2d),
  batchNorm(BatchNorm3d),
  layerNorm,
  embedding,
  upsample,
  pixelShuffle,
  ...recurrentOps,
  simple(activations.ReLU, "Relu"),
  simple(activations.Sigmoid, "Sigmoid"),
  simple(activations.Tanh, "Tanh"),
  simple(activations.LeakyReLU, "LeakyRelu", ({ negativeSlope }) => floats({ alpha: negativeSlope })),
  simple(activations.ELU, "Elu", ({ alpha }) => floats({ alpha })),
  simple(activations.Softplus, "Softplus", ({ beta }) => (beta === 1 ? {} : null)),
  simple(activations.Softmax, "Softmax", alongDim),
  simple(activations.LogSoftmax, "LogSoftmax", alongDim),
  simple(more.SELU, "Selu"),
  simple(more.CELU, "Celu", ({ alpha }) => floats({ alpha })),
  simple(more.Mish, "Mish"),
  simple(more.Softsign, "Softsign"),
  simple(more.Hardsigmoid, "HardSigmoid", () => floats({ alpha: 1 / 6, beta: 0.5 })),
  simple(more.Hardswish, "HardSwish"),
];
