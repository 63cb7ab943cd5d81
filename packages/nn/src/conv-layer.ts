import { pad, type RandomOptions, type Tensor, uniform } from "@downhill/core";
import { checkCount, checkFlag, checkOptions, show, ValueError } from "@downhill/core/engine";
import { checkPadding } from "./functional/conv-operands.js";
import { checkExtent, type Extent, type SpatialDims } from "./functional/extent.js";
import { checkLayerDType } from "./layer-dtype.js";
import { Module } from "./module.js";
import { checkParameter } from "./check-parameter.js";
import { Parameter } from "./parameter.js";
import { printSizes } from "./print-number.js";

/** What stands around the input: zeros, its mirror image, its outermost elements, or its other end. */
export type PaddingMode = "zeros" | "reflect" | "replicate" | "circular";

const modes: readonly PaddingMode[] = ["zeros", "reflect", "replicate", "circular"];

/** What both kinds of layers take beside channels and kernel size. */
export interface ConvLayerOptions extends Pick<RandomOptions, "dtype" | "device"> {
  /** Elements from one place of the kernel to the next. Default 1. */
  readonly stride?: Extent;
  /** Elements from one weight of the kernel to the next. Default 1. */
  readonly dilation?: Extent;
  /** Divide the channels into groups with weights of their own; as many as there are channels: depthwise. Default 1. */
  readonly groups?: number;
  /** Add a learned bias. Default true. */
  readonly bias?: boolean;
  /** What stands around the input. Default "zeros". */
  readonly paddingMode?: PaddingMode;
}

interface Given extends ConvLayerOptions {
  readonly padding?: Extent | "same" | "valid";
  readonly outputPadding?: Extent;
}

/** How many spatial dims a layer has, and whether it is transposed. */
export interface ConvKind {
  readonly dims: SpatialDims;
  readonly transposed: boolean;
}

/** The base of convolutions: sizes, and a weight and a bias that start as PyTorch's do. */
export abstract class ConvLayer extends Module {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[] | "same" | "valid";
  readonly dilation: readonly number[];
  readonly outputPadding: readonly number[];
  readonly groups: number;
  readonly paddingMode: PaddingMode;
  declare weight: Parameter;
  declare bias: Parameter | null;

  /** @internal */
  constructor(
    where: string,
    { dims, transposed }: ConvKind,
    inChannels: number,
    outChannels: number,
    kernelSize: Extent,
    options: Given,
  ) {
    super();
    const known = ["stride", "padding", "dilation", "groups", "bias", "paddingMode", "dtype", "device"];
    checkOptions(where, options, transposed ? [...known, "outputPadding"] : known);
    const { stride = 1, padding = 0, dilation = 1, outputPadding = 0, groups = 1, bias = true } = options;
    this.inChannels = checkCount(where, "inChannels", inChannels, 1);
    this.outChannels = checkCount(where, "outChannels", outChannels, 1);
    this.kernelSize = checkExtent(where, "kernelSize", kernelSize, dims, 1);
    this.stride = checkExtent(where, "stride", stride, dims, 1);
    this.padding = checkPadding(where, padding, dims, transposed ? [] : ["same", "valid"]) as typeof this.padding;
    this.dilation = checkExtent(where, "dilation", dilation, dims, 1);
    this.outputPadding = checkExtent(where, "outputPadding", outputPadding, dims, 0);
    this.groups = checkCount(where, "groups", groups, 1);
    for (const [name, channels] of Object.entries({ inChannels, outChannels })) {
      if (channels % groups !== 0)
        throw new ValueError(`${where}: ${name} ${channels} must be divisible by groups ${groups}`);
    }
    checkFlag(`${where}: bias`, bias);
    this.paddingMode = checkMode(where, options.paddingMode, transposed);

    const { device } = options;
    const placed = { dtype: checkLayerDType(where, options.dtype), ...(device === undefined ? {} : { device }) };
    const [first, second] = transposed ? [inChannels, outChannels] : [outChannels, inChannels];
    const shape = [first, second / groups, ...this.kernelSize];
    // Kaiming's uniform with a = √5, written so that it rounds as PyTorch's.
    const fanIn = shape.slice(1).reduce((product, size) => product * size, 1);
    const slope = Math.sqrt(5);
    const spread = Math.sqrt(3) * (Math.sqrt(2 / (1 + slope * slope)) / Math.sqrt(fanIn));
    const bound = 1 / Math.sqrt(fanIn);
    this.registerParameter("weight", new Parameter(uniform(-spread, spread, shape, placed)));
    this.registerParameter("bias", bias ? new Parameter(uniform(-bound, bound, [outChannels], placed)) : null);
  }

  /** The weight and the bias, which must still be Parameters. */
  protected parts(): [weight: Parameter, bias: Parameter | null] {
    const { weight, bias } = this;
    checkParameter(this, "weight", weight);
    if (bias !== null) checkParameter(this, "bias", bias);
    return [weight, bias];
  }

  override extraRepr(): string {
    const { padding, dilation, outputPadding } = this;
    const some = (numbers: readonly number[], implied: number): boolean => numbers.some((n) => n !== implied);
    return [
      `${this.inChannels}, ${this.outChannels}`,
      `kernelSize=${printSizes(this.kernelSize)}`,
      `stride=${printSizes(this.stride)}`,
      ...(typeof padding === "string"
        ? [`padding=${padding}`]
        : some(padding, 0)
          ? [`padding=${printSizes(padding)}`]
          : []),
      ...(some(dilation, 1) ? [`dilation=${printSizes(dilation)}`] : []),
      ...(some(outputPadding, 0) ? [`outputPadding=${printSizes(outputPadding)}`] : []),
      ...(this.groups === 1 ? [] : [`groups=${this.groups}`]),
      ...(this.bias === null ? ["bias=false"] : []),
      ...(this.paddingMode === "zeros" ? [] : [`paddingMode=${this.paddingMode}`]),
    ].join(", ");
  }
}

function checkMode(where: string, mode: unknown = "zeros", transposed: boolean): PaddingMode {
  const known = modes.find((name) => name === mode);
  if (known === undefined)
    throw new ValueError(`${where}: unknown paddingMode ${show(mode)}`, `one of ${modes.map(show).join(", ")}`);
  if (transposed && known !== "zeros")
    throw new ValueError(
      `${where}: paddingMode ${show(mode)} is not defined for it, only "zeros"`,
      `pad the input first: x.pad([1, 1], { mode: ${show(mode)} })`,
    );
  return known;
}

/** Pads the last dims, by two numbers each, with what is no zeros. */
export function padded(
  x: Tensor,
  sides: readonly (readonly [before: number, after: number])[],
  mode: Exclude<PaddingMode, "zeros">,
): Tensor {
  return pad(x, sides.toReversed().flat(), { mode });
}
