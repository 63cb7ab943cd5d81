import { ShapeError, type Tensor } from "@downhill/core";
import { show, text, ValueError } from "@downhill/core/engine";
import { ConvLayer, type ConvLayerOptions } from "./conv-layer.js";
import { checkSpatial } from "./functional/conv-operands.js";
import { convTranspose1d, convTranspose2d, convTranspose3d } from "./functional/conv-transpose.js";
import { across, type Extent, type SpatialDims } from "./functional/extent.js";

export interface ConvTranspose1dOptions extends ConvLayerOptions {
  /** How much of the result is cut off on each side: the padding of the convolution that it turns around. Default 0. */
  readonly padding?: Extent;
  /** Elements to add behind the last ones, since several sizes convolve to one. Default 0. */
  readonly outputPadding?: Extent;
}

/** The options of `ConvTranspose2d`. */
export type ConvTranspose2dOptions = ConvTranspose1dOptions;
/** The options of `ConvTranspose3d`. */
export type ConvTranspose3dOptions = ConvTranspose1dOptions;

/** A transposed convolution of `dims` dims, by its functional form. */
abstract class ConvTranspose extends ConvLayer {
  protected readonly where: string;
  protected readonly dims: SpatialDims;
  protected readonly form: typeof convTranspose2d;

  constructor(
    where: string,
    dims: SpatialDims,
    form: typeof convTranspose2d,
    sizes: readonly [inChannels: number, outChannels: number, kernelSize: Extent],
    options: ConvTranspose1dOptions,
  ) {
    super(where, { dims, transposed: true }, ...sizes, options);
    this.where = where;
    this.dims = dims;
    this.form = form;
  }

  /** @param outputSize The sizes of the spatial dims of the result, in place of `outputPadding`. */
  /** Applies the layer; `outputSize` chooses among the sizes that the stride leaves open. */
  override forward(x: Tensor, outputSize?: readonly number[] | null): Tensor {
    const { stride, dilation, groups } = this;
    const padding = this.padding as readonly number[];
    const [weight, bias] = this.parts();
    const outputPadding =
      outputSize === undefined || outputSize === null ? this.outputPadding : this.toReach(x, outputSize);
    return this.form(x, weight, bias, { stride, padding, outputPadding, dilation, groups });
  }

  /** The output padding with which the result has the sizes asked for. */
  private toReach(x: Tensor, outputSize: readonly number[]): number[] {
    const where = this.where;
    const dims = this.dims;
    checkSpatial(where, x, dims);
    if (!Array.isArray(outputSize) || (outputSize.length !== dims && outputSize.length !== x.ndim)) {
      throw new ValueError(
        `${where}: outputSize must be an array of ${dims} or ${x.ndim} sizes, got ${show(outputSize)}`,
      );
    }
    const wanted = (outputSize as readonly number[]).slice(-dims);
    const least = x.shape
      .slice(-dims)
      .map(
        (size, i) =>
          (size - 1) * this.stride[i]! -
          2 * (this.padding as readonly number[])[i]! +
          this.dilation[i]! * (this.kernelSize[i]! - 1) +
          1,
      );
    const most = least.map((size, i) => size + this.stride[i]! - 1);
    if (wanted.some((size, i) => !Number.isInteger(size) || size < least[i]! || size > most[i]!)) {
      throw new ShapeError(
        `${where}: an input of shape ${text(x.shape)} cannot become ${show(wanted)}`,
        `from ${across(least)} to ${across(most)} it can`,
      );
    }
    return wanted.map((size, i) => size - least[i]!);
  }
}

/**
 * Turns the shapes of Conv1d around: [N, inChannels, L] or [inChannels, L] gives [N, outChannels, L'] or
 * [outChannels, L']. Same as torch.nn.ConvTranspose1d: weight [inChannels, outChannels / groups, kernelSize] and then bias
 * [outChannels] are drawn from U(-√k, √k) with k = groups / (outChannels · kernelSize), as PyTorch draws them.
 *
 * @throws ValueError for sizes that are no integers of 1 or more, and groups that do not divide the channels; ShapeError
 * for input of other channels.
 */
export class ConvTranspose1d extends ConvTranspose {
  constructor(inChannels: number, outChannels: number, kernelSize: Extent, options: ConvTranspose1dOptions = {}) {
    super("ConvTranspose1d", 1, convTranspose1d, [inChannels, outChannels, kernelSize], options);
  }
}

/**
 * Turns the shapes of Conv2d around, to grow images: [N, inChannels, H, W] or [inChannels, H, W] gives
 * [N, outChannels, H', W'] or [outChannels, H', W']. Same as torch.nn.ConvTranspose2d: weight
 * [inChannels, outChannels / groups, KH, KW] and then bias [outChannels] are drawn from U(-√k, √k) with
 * k = groups / (outChannels · KH · KW), as PyTorch draws them.
 *
 * @throws ValueError for sizes that are no integers of 1 or more, and groups that do not divide the channels; ShapeError
 * for input of other channels, and an `outputSize` that no padding reaches.
 *
 * @example
 * const down = new Conv2d(16, 16, 3, { stride: 2, padding: 1 });
 * const up = new ConvTranspose2d(16, 16, 3, { stride: 2, padding: 1 });
 * const x = randn([1, 16, 12, 12]);
 * up.forward(down.forward(x), [12, 12]).shape; // [1, 16, 12, 12]
 */
export class ConvTranspose2d extends ConvTranspose {
  constructor(inChannels: number, outChannels: number, kernelSize: Extent, options: ConvTranspose2dOptions = {}) {
    super("ConvTranspose2d", 2, convTranspose2d, [inChannels, outChannels, kernelSize], options);
  }
}

/**
 * Turns the shapes of Conv3d around, to grow volumes: [N, inChannels, D, H, W] or [inChannels, D, H, W] gives
 * [N, outChannels, D', H', W'] or [outChannels, D', H', W']. Same as torch.nn.ConvTranspose3d, with weights drawn as
 * PyTorch draws them.
 *
 * @throws ValueError for sizes that are no integers of 1 or more, and groups that do not divide the channels; ShapeError
 * for input of other channels, and an `outputSize` that no padding reaches.
 *
 * @example
 * new ConvTranspose3d(2, 1, 2, { stride: 2 }).forward(randn([1, 2, 3, 4, 4])).shape; // [1, 1, 6, 8, 8]
 */
export class ConvTranspose3d extends ConvTranspose {
  constructor(inChannels: number, outChannels: number, kernelSize: Extent, options: ConvTranspose3dOptions = {}) {
    super("ConvTranspose3d", 3, convTranspose3d, [inChannels, outChannels, kernelSize], options);
  }
}
