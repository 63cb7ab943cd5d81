import { DTypeError, ShapeError, type Tensor } from "@downhill/core";
import { checkCount, checkFloat, checkTensor, show, text, ValueError } from "@downhill/core/engine";
import { across, checkExtent, type Extent, type SpatialDims, spatialNames } from "./extent.js";

/** A convolution of one to three spatial dims with its bias: input, weight, bias, options. */
export type Convolve<Options> = (x: Tensor, weight: Tensor, bias?: Tensor | null, options?: Options) => Tensor;

/** The options that all convolutions take. */
export interface Steps {
  /** Elements from one place of the kernel to the next. Default 1. */
  readonly stride?: Extent;
  /** Elements from one weight of the kernel to the next. Default 1. */
  readonly dilation?: Extent;
  /** Divide the channels into groups with weights of their own; as many as there are channels: depthwise. Default 1. */
  readonly groups?: number;
}

/** What a convolution computes with: the input has a batch dim, and there is one number per spatial dim. */
export interface Operands {
  readonly batch: Tensor;
  readonly unbatched: boolean;
  /** Sizes of the input's and of the kernel's spatial dims. */
  readonly sizes: readonly number[];
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
}

/** Checks that a spatial input is [N, C, …] or [C, …] of a float dtype. */
export function checkSpatial(where: string, x: unknown, dims: SpatialDims): asserts x is Tensor {
  checkFloat(where, x);
  if (x.ndim === dims + 1 || x.ndim === dims + 2) return;
  const names = spatialNames[dims];
  throw new ShapeError(
    `${where}: the input must be [N, C, ${names}] or [C, ${names}], got shape ${text(x.shape)}`,
    x.ndim === dims ? "add a dim for the channel: x.unsqueeze(0)" : undefined,
  );
}

/** Checks what both kinds of convolution take. A transposed one has its input channels first in the weight. */
export function checkOperands(
  where: string,
  dims: SpatialDims,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  { stride = 1, dilation = 1, groups = 1 }: Steps,
  transposed: boolean,
): Operands {
  checkSpatial(where, x, dims);
  checkTensor(where, weight);
  const names = spatialNames[dims];
  if (weight.ndim !== dims + 2 || weight.shape.slice(2).includes(0)) {
    const order = transposed ? "inChannels, outChannels / groups" : "outChannels, inChannels / groups";
    throw new ShapeError(`${where}: the weight must be [${order}, ${names}], got shape ${text(weight.shape)}`);
  }
  if (x.dtype !== weight.dtype) {
    throw new DTypeError(
      `${where}: the input is ${x.dtype}, the weight ${weight.dtype}`,
      `convert one: x.to("${weight.dtype}")`,
    );
  }
  checkCount(where, "groups", groups, 1);
  const [first, second] = weight.shape as [number, number];
  if (first % groups !== 0) {
    throw new ValueError(
      `${where}: ${groups} groups do not divide the ${first} ${transposed ? "input" : "output"} channels of the weight ${text(weight.shape)}`,
    );
  }
  const unbatched = x.ndim === dims + 1;
  const channels = x.shape[unbatched ? 0 : 1]!;
  const wanted = transposed ? first : second * groups;
  if (channels !== wanted) {
    throw new ShapeError(
      `${where}: the weight ${text(weight.shape)}${groups === 1 ? "" : ` with ${groups} groups`} takes ${wanted} channels, the input ${text(x.shape)} has ${channels}`,
      x.shape[x.ndim - 1] === wanted ? "channels come before the spatial dims: x.movedim(-1, 1)" : undefined,
    );
  }
  if (bias !== null) checkBias(where, bias, transposed ? second * groups : first, x);
  return {
    batch: unbatched ? x.unsqueeze(0) : x,
    unbatched,
    sizes: x.shape.slice(-dims),
    kernel: weight.shape.slice(2),
    stride: checkExtent(where, "stride", stride, dims, 1),
    dilation: checkExtent(where, "dilation", dilation, dims, 1),
    groups,
  };
}

function checkBias(where: string, bias: Tensor, outputs: number, x: Tensor): void {
  checkTensor(where, bias);
  if (bias.ndim !== 1 || bias.shape[0] !== outputs)
    throw new ShapeError(`${where}: the bias must have shape [${outputs}] (outChannels), got ${text(bias.shape)}`);
  if (bias.dtype !== x.dtype)
    throw new DTypeError(
      `${where}: the input is ${x.dtype}, the bias ${bias.dtype}`,
      `convert it: bias.to("${x.dtype}")`,
    );
}

/** Adds a number per channel to [N, C, …], and takes away a batch dim that was not the caller's. */
export function finished(y: Tensor, bias: Tensor | null, { unbatched, kernel }: Operands): Tensor {
  const out = bias === null ? y : y.add(bias.reshape([-1, ...kernel.map(() => 1)]));
  return unbatched ? out.squeeze(0) : out;
}

/** The span of each dim's kernel, in elements of the input. */
export const spanOf = ({ kernel, dilation }: Pick<Operands, "kernel" | "dilation">): number[] =>
  kernel.map((size, i) => dilation[i]! * (size - 1) + 1);

/** Says that a kernel finds no place in its padded input. */
export function tooLarge(where: string, operands: Operands, padded: readonly number[]): ShapeError {
  const { kernel, dilation, sizes } = operands;
  const spread = dilation.every((step) => step === 1) ? "" : ` (spread to ${across(spanOf(operands))} by its dilation)`;
  return new ShapeError(
    `${where}: the kernel, ${across(kernel)}${spread}, is larger than the input, ${across(sizes)}${across(padded) === across(sizes) ? "" : ` (${across(padded)} with padding)`}`,
    "take a smaller kernel or more padding",
  );
}

/** Checks padding: one number per dim, or a word for it where words make sense. */
export function checkPadding(
  where: string,
  padding: unknown,
  dims: SpatialDims,
  words: readonly string[],
): number[] | string {
  if (typeof padding !== "string") return checkExtent(where, "padding", padding, dims, 0);
  if (words.includes(padding)) return padding;
  throw new ValueError(
    `${where}: padding must be a number per dim${words.map((word) => ` or ${show(word)}`).join("")}, got ${show(padding)}`,
  );
}
