import type { Tensor } from "@downhill/core";
import { checkOptions } from "@downhill/core/engine";
import { checkExtent, type Extent, type SpatialDims } from "./functional/extent.js";
import { maxUnpool1d, maxUnpool2d, maxUnpool3d, type MaxUnpoolOptions } from "./functional/max-unpooling.js";
import { Module } from "./module.js";
import { printSizes } from "./print-number.js";

/** What a layer takes; the size of the result goes to `forward`. */
export type MaxUnpoolLayerOptions = Omit<MaxUnpoolOptions, "outputSize">;

abstract class MaxUnpool extends Module {
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  protected readonly form: typeof maxUnpool2d;

  constructor(
    where: string,
    dims: SpatialDims,
    form: typeof maxUnpool2d,
    kernelSize: Extent,
    options: MaxUnpoolLayerOptions,
  ) {
    super();
    checkOptions(where, options, ["stride", "padding"]);
    this.kernelSize = checkExtent(where, "kernelSize", kernelSize, dims, 1);
    this.stride = checkExtent(where, "stride", options.stride ?? kernelSize, dims, 1);
    this.padding = checkExtent(where, "padding", options.padding ?? 0, dims, 0);
    this.form = form;
  }

  /** @param outputSize The sizes of the result's spatial dims, as several sizes pool to one. */
  override forward(x: Tensor, indices: Tensor, outputSize: readonly number[] | null = null): Tensor {
    const { kernelSize, stride, padding } = this;
    return this.form(x, indices, kernelSize, { stride, padding, outputSize });
  }

  override extraRepr(): string {
    return `kernelSize=${printSizes(this.kernelSize)}, stride=${printSizes(this.stride)}, padding=${printSizes(this.padding)}`;
  }
}

/** Puts what `MaxPool1d` found back where it was; see `functional.maxUnpool1d`. Same as torch.nn.MaxUnpool1d. */
export class MaxUnpool1d extends MaxUnpool {
  constructor(kernelSize: Extent, options: MaxUnpoolLayerOptions = {}) {
    super("MaxUnpool1d", 1, maxUnpool1d, kernelSize, options);
  }
}

/**
 * Puts what `MaxPool2d` found back where it was, with zeros elsewhere; see `functional.maxUnpool2d`. Same as
 * torch.nn.MaxUnpool2d.
 *
 * @example
 * const pool = new MaxPool2d(2, { returnIndices: true });
 * const [values, indices] = pool.forward(randn([1, 1, 4, 4]));
 * new MaxUnpool2d(2).forward(values, indices).shape; // [1, 1, 4, 4]
 */
export class MaxUnpool2d extends MaxUnpool {
  constructor(kernelSize: Extent, options: MaxUnpoolLayerOptions = {}) {
    super("MaxUnpool2d", 2, maxUnpool2d, kernelSize, options);
  }
}

/** Puts what `MaxPool3d` found back where it was; see `functional.maxUnpool3d`. Same as torch.nn.MaxUnpool3d. */
export class MaxUnpool3d extends MaxUnpool {
  constructor(kernelSize: Extent, options: MaxUnpoolLayerOptions = {}) {
    super("MaxUnpool3d", 3, maxUnpool3d, kernelSize, options);
  }
}
