import type { Tensor } from "@downhill/core";
import { ConvLayer, type ConvLayerOptions, padded } from "./conv-layer.js";
import { checkSpatial, spanOf } from "./functional/conv-operands.js";
import { checkSame, conv1d, conv2d, conv3d, type ConvOptions, samePadding } from "./functional/convolution.js";
import type { Extent, SpatialDims } from "./functional/extent.js";

export interface Conv1dOptions extends ConvLayerOptions {
  /** Places added on each side; "same" keeps the sizes (with stride 1), "valid" is 0. Default 0. */
  readonly padding?: Extent | "same" | "valid";
}

/** The options of `Conv2d`. */
export type Conv2dOptions = Conv1dOptions;
/** The options of `Conv3d`. */
export type Conv3dOptions = Conv1dOptions;

/** A convolution of `dims` dims, by its functional form. */
abstract class Convolution extends ConvLayer {
  protected readonly dims: SpatialDims;
  protected readonly form: typeof conv2d;

  constructor(
    where: string,
    dims: SpatialDims,
    form: typeof conv2d,
    sizes: readonly [inChannels: number, outChannels: number, kernelSize: Extent],
    options: Conv1dOptions,
  ) {
    super(where, { dims, transposed: false }, ...sizes, options);
    if (typeof this.padding === "string") checkSame(where, this.padding, this.stride);
    this.dims = dims;
    this.form = form;
  }

  override forward(x: Tensor): Tensor {
    const { stride, padding, dilation, groups, paddingMode } = this;
    const [weight, bias] = this.parts();
    const steps: ConvOptions = { stride, dilation, groups };
    if (paddingMode === "zeros" || padding === "valid") return this.form(x, weight, bias, { ...steps, padding });
    checkSpatial(this.constructor.name, x, this.dims);
    const sides =
      padding === "same"
        ? samePadding(spanOf({ kernel: this.kernelSize, dilation }))
        : padding.map((size): [number, number] => [size, size]);
    return this.form(padded(x, sides, paddingMode), weight, bias, steps);
  }
}

/**
 * Slides learned kernels over the last dim: [N, inChannels, L] or [inChannels, L] gives [N, outChannels, L'] or
 * [outChannels, L']. Same as torch.nn.Conv1d: weight [outChannels, inChannels / groups, kernelSize] and then bias
 * [outChannels] are drawn from U(-√k, √k) with k = groups / (inChannels · kernelSize), as PyTorch draws them.
 *
 * @throws ValueError for sizes that are no integers of 1 or more, groups that do not divide the channels, and "same" with
 * a stride; ShapeError for input of other channels, or smaller than the kernel.
 *
 * @example
 * const layer = new Conv1d(16, 33, 3, { stride: 2 });
 * layer.forward(randn([20, 16, 50])).shape; // [20, 33, 24]
 */
export class Conv1d extends Convolution {
  constructor(inChannels: number, outChannels: number, kernelSize: Extent, options: Conv1dOptions = {}) {
    super("Conv1d", 1, conv1d, [inChannels, outChannels, kernelSize], options);
  }
}

/**
 * Slides learned kernels over the last two dims: [N, inChannels, H, W] or [inChannels, H, W] gives
 * [N, outChannels, H', W'] or [outChannels, H', W']. Same as torch.nn.Conv2d: weight
 * [outChannels, inChannels / groups, KH, KW] and then bias [outChannels] are drawn from U(-√k, √k) with
 * k = groups / (inChannels · KH · KW), as PyTorch draws them.
 *
 * @throws ValueError for sizes that are no integers of 1 or more, groups that do not divide the channels, and "same" with
 * a stride; ShapeError for input of other channels, or smaller than the kernel.
 *
 * @example
 * const layer = new Conv2d(1, 16, 3, { padding: 1 });
 * layer.forward(randn([64, 1, 28, 28])).shape; // [64, 16, 28, 28]
 */
export class Conv2d extends Convolution {
  constructor(inChannels: number, outChannels: number, kernelSize: Extent, options: Conv2dOptions = {}) {
    super("Conv2d", 2, conv2d, [inChannels, outChannels, kernelSize], options);
  }
}

/**
 * Slides learned kernels over the last three dims: [N, inChannels, D, H, W] or [inChannels, D, H, W] gives
 * [N, outChannels, D', H', W'] or [outChannels, D', H', W']. Same as torch.nn.Conv3d, with weights drawn as PyTorch draws
 * them.
 *
 * @throws ValueError for sizes that are no integers of 1 or more, groups that do not divide the channels, and "same" with
 * a stride; ShapeError for input of other channels, or smaller than the kernel.
 *
 * @example
 * const layer = new Conv3d(1, 4, 3, { padding: 1 });
 * layer.forward(randn([2, 1, 6, 8, 8])).shape; // [2, 4, 6, 8, 8]
 */
export class Conv3d extends Convolution {
  constructor(inChannels: number, outChannels: number, kernelSize: Extent, options: Conv3dOptions = {}) {
    super("Conv3d", 3, conv3d, [inChannels, outChannels, kernelSize], options);
  }
}
