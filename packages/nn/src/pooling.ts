import type { Tensor } from "@downhill/core";
import { checkFlag, checkOptions } from "@downhill/core/engine";
import type { Extent, SpatialDims } from "./functional/extent.js";
import {
  type AvgPool1dOptions,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  type AvgPoolOptions,
  checkAveraging,
  checkPool,
  type MaxPool,
  maxPool1d,
  maxPool2d,
  maxPool3d,
  type MaxPoolOptions,
} from "./functional/pooling.js";
import { Module } from "./module.js";
import { printExtent } from "./print-number.js";

/** What a layer's forward gives: the values, or with `returnIndices` also where they stand. */
export type Pooled<Indices extends boolean> = Indices extends true ? [values: Tensor, indices: Tensor] : Tensor;

/** The options of `MaxPool1d` and `MaxPool2d`. */
export interface MaxPoolLayerOptions<Indices extends boolean = boolean> extends MaxPoolOptions {
  readonly returnIndices?: Indices;
}

abstract class MaxPoolLayer<Indices extends boolean> extends Module {
  readonly kernelSize: Extent;
  readonly stride: Extent;
  readonly padding: Extent;
  readonly dilation: Extent;
  readonly returnIndices: boolean;
  readonly ceilMode: boolean;
  protected readonly form: MaxPool;

  constructor(where: string, dims: SpatialDims, form: MaxPool, kernelSize: Extent, options: MaxPoolOptions) {
    super();
    checkOptions(where, options, ["stride", "padding", "dilation", "ceilMode", "returnIndices"]);
    checkFlag(`${where}: returnIndices`, options.returnIndices);
    checkPool(where, dims, kernelSize, options);
    this.kernelSize = kernelSize;
    this.stride = options.stride ?? kernelSize;
    this.padding = options.padding ?? 0;
    this.dilation = options.dilation ?? 1;
    this.returnIndices = options.returnIndices ?? false;
    this.ceilMode = options.ceilMode ?? false;
    this.form = form;
  }

  override forward(x: Tensor): Pooled<Indices> {
    const { kernelSize, stride, padding, dilation, ceilMode, returnIndices } = this;
    const options = { stride, padding, dilation, ceilMode };
    const form = this.form;
    return (
      returnIndices ? form(x, kernelSize, { ...options, returnIndices }) : form(x, kernelSize, options)
    ) as Pooled<Indices>;
  }

  override extraRepr(): string {
    const { kernelSize, stride, padding, dilation, ceilMode } = this;
    return `kernelSize=${printExtent(kernelSize)}, stride=${printExtent(stride)}, padding=${printExtent(padding)}, dilation=${printExtent(dilation)}, ceilMode=${ceilMode}`;
  }
}

/**
 * Takes the greatest element of each window of the last dim; see `functional.maxPool1d`. Same as torch.nn.MaxPool1d.
 *
 * @throws ValueError for more padding than half a kernel.
 */
export class MaxPool1d<Indices extends boolean = false> extends MaxPoolLayer<Indices> {
  constructor(kernelSize: Extent, options: MaxPoolLayerOptions<Indices> = {}) {
    super("MaxPool1d", 1, maxPool1d, kernelSize, options);
  }
}

/**
 * Takes the greatest element of each window of the last two dims; see `functional.maxPool2d`. With `returnIndices`,
 * `forward` gives [values, indices]. Same as torch.nn.MaxPool2d.
 *
 * @throws ValueError for more padding than half a kernel.
 *
 * @example
 * new MaxPool2d(2).forward(randn([20, 16, 50, 32])).shape; // [20, 16, 25, 16]
 */
export class MaxPool2d<Indices extends boolean = false> extends MaxPoolLayer<Indices> {
  constructor(kernelSize: Extent, options: MaxPoolLayerOptions<Indices> = {}) {
    super("MaxPool2d", 2, maxPool2d, kernelSize, options);
  }
}

/**
 * Takes the greatest element of each window of the last three dims; see `functional.maxPool3d`. Same as
 * torch.nn.MaxPool3d.
 *
 * @throws ValueError for more padding than half a kernel.
 */
export class MaxPool3d<Indices extends boolean = false> extends MaxPoolLayer<Indices> {
  constructor(kernelSize: Extent, options: MaxPoolLayerOptions<Indices> = {}) {
    super("MaxPool3d", 3, maxPool3d, kernelSize, options);
  }
}

/**
 * Averages each window of the last dim; see `functional.avgPool1d`. Same as torch.nn.AvgPool1d.
 *
 * @throws ValueError for more padding than half a kernel.
 */
export class AvgPool1d extends Module {
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly ceilMode: boolean;
  readonly countIncludePad: boolean;

  constructor(kernelSize: Extent, options: AvgPool1dOptions = {}) {
    super();
    checkOptions("AvgPool1d", options, ["stride", "padding", "ceilMode", "countIncludePad"]);
    checkAveraging("AvgPool1d", options);
    const { kernel, stride, padding } = checkPool("AvgPool1d", 1, kernelSize, options);
    this.kernelSize = kernel;
    this.stride = stride;
    this.padding = padding;
    this.ceilMode = options.ceilMode ?? false;
    this.countIncludePad = options.countIncludePad ?? true;
  }

  override forward(x: Tensor): Tensor {
    const { kernelSize, stride, padding, ceilMode, countIncludePad } = this;
    return avgPool1d(x, kernelSize, { stride, padding, ceilMode, countIncludePad });
  }

  override extraRepr(): string {
    return `kernelSize=${printExtent(this.kernelSize)}, stride=${printExtent(this.stride)}, padding=${printExtent(this.padding)}`;
  }
}

/** An average over windows of several dims, by its functional form. */
abstract class AvgPoolLayer extends Module {
  protected readonly form: typeof avgPool2d;
  readonly kernelSize: Extent;
  readonly stride: Extent;
  readonly padding: Extent;
  readonly ceilMode: boolean;
  readonly countIncludePad: boolean;
  readonly divisorOverride: number | null;

  constructor(where: string, dims: SpatialDims, form: typeof avgPool2d, kernelSize: Extent, options: AvgPoolOptions) {
    super();
    checkOptions(where, options, ["stride", "padding", "ceilMode", "countIncludePad", "divisorOverride"]);
    checkAveraging(where, options);
    checkPool(where, dims, kernelSize, options);
    this.form = form;
    this.kernelSize = kernelSize;
    this.stride = options.stride ?? kernelSize;
    this.padding = options.padding ?? 0;
    this.ceilMode = options.ceilMode ?? false;
    this.countIncludePad = options.countIncludePad ?? true;
    this.divisorOverride = options.divisorOverride ?? null;
  }

  override forward(x: Tensor): Tensor {
    const { kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride } = this;
    return this.form(x, kernelSize, { stride, padding, ceilMode, countIncludePad, divisorOverride });
  }

  override extraRepr(): string {
    return `kernelSize=${printExtent(this.kernelSize)}, stride=${printExtent(this.stride)}, padding=${printExtent(this.padding)}`;
  }
}

/**
 * Averages each window of the last two dims; see `functional.avgPool2d`. Same as torch.nn.AvgPool2d.
 *
 * @throws ValueError for more padding than half a kernel, or a divisor of 0.
 *
 * @example
 * new AvgPool2d(3, { stride: 2, padding: 1 }).forward(randn([20, 16, 50, 32])).shape; // [20, 16, 25, 16]
 */
export class AvgPool2d extends AvgPoolLayer {
  constructor(kernelSize: Extent, options: AvgPoolOptions = {}) {
    super("AvgPool2d", 2, avgPool2d, kernelSize, options);
  }
}

/**
 * Averages each window of the last three dims; see `functional.avgPool3d`. Same as torch.nn.AvgPool3d.
 *
 * @throws ValueError for more padding than half a kernel, or a divisor of 0.
 */
export class AvgPool3d extends AvgPoolLayer {
  constructor(kernelSize: Extent, options: AvgPoolOptions = {}) {
    super("AvgPool3d", 3, avgPool3d, kernelSize, options);
  }
}
