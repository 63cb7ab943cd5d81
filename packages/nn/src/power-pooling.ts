import type { Tensor } from "@downhill/core";
import { checkFlag, checkOptions } from "@downhill/core/engine";
import { checkExtent, type Extent, type SpatialDims } from "./functional/extent.js";
import { lpPool1d, lpPool2d, lpPool3d, type LPPoolOptions } from "./functional/power-pooling.js";
import { Module } from "./module.js";
import { needNumber } from "./option-checks.js";
import { printExtent, printFloat } from "./print-number.js";

abstract class LPPool extends Module {
  readonly normType: number;
  readonly kernelSize: Extent;
  readonly stride: Extent | null;
  readonly ceilMode: boolean;
  protected readonly form: typeof lpPool2d;

  constructor(
    where: string,
    dims: SpatialDims,
    form: typeof lpPool2d,
    normType: number,
    kernelSize: Extent,
    options: LPPoolOptions,
  ) {
    super();
    checkOptions(where, options, ["stride", "ceilMode"]);
    checkFlag(`${where}: ceilMode`, options.ceilMode);
    checkExtent(where, "kernelSize", kernelSize, dims, 1);
    this.normType = needNumber(where, "normType", normType);
    this.kernelSize = kernelSize;
    this.stride = options.stride ?? null;
    this.ceilMode = options.ceilMode ?? false;
    this.form = form;
  }

  override forward(x: Tensor): Tensor {
    const { normType, kernelSize, stride, ceilMode } = this;
    return this.form(x, normType, kernelSize, { stride, ceilMode });
  }

  override extraRepr(): string {
    const { normType, kernelSize, stride, ceilMode } = this;
    return `normType=${printFloat(normType)}, kernelSize=${printExtent(kernelSize)}, stride=${printExtent(stride)}, ceilMode=${ceilMode}`;
  }
}

/** Takes (Σ x^p)^(1/p) of each window of the last dim; see `functional.lpPool1d`. Same as torch.nn.LPPool1d. */
export class LPPool1d extends LPPool {
  constructor(normType: number, kernelSize: Extent, options: LPPoolOptions = {}) {
    super("LPPool1d", 1, lpPool1d, normType, kernelSize, options);
  }
}

/**
 * Takes (Σ x^p)^(1/p) of each window of the last two dims; see `functional.lpPool2d`. Same as torch.nn.LPPool2d.
 *
 * @example
 * new LPPool2d(2, 3, { stride: 2 }).forward(randn([20, 16, 50, 32]).abs()).shape; // [20, 16, 24, 15]
 */
export class LPPool2d extends LPPool {
  constructor(normType: number, kernelSize: Extent, options: LPPoolOptions = {}) {
    super("LPPool2d", 2, lpPool2d, normType, kernelSize, options);
  }
}

/** Takes (Σ x^p)^(1/p) of each window of the last three dims; see `functional.lpPool3d`. Same as torch.nn.LPPool3d. */
export class LPPool3d extends LPPool {
  constructor(normType: number, kernelSize: Extent, options: LPPoolOptions = {}) {
    super("LPPool3d", 3, lpPool3d, normType, kernelSize, options);
  }
}
