import type { Tensor } from "@downhill/core";
import { checkFlag, checkOptions } from "@downhill/core/engine";
import {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  type AdaptiveMaxPool,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
  checkOutputSize,
  type OutputSize,
} from "./functional/adaptive-pooling.js";
import type { SpatialDims } from "./functional/extent.js";
import { Module } from "./module.js";
import type { Pooled } from "./pooling.js";
import { printExtent } from "./print-number.js";

/** What both kinds share: the size of their result. */
abstract class AdaptivePool extends Module {
  readonly outputSize: OutputSize;

  constructor(where: string, dims: SpatialDims, outputSize: OutputSize) {
    super();
    checkOutputSize(where, outputSize, dims);
    this.outputSize = outputSize;
  }

  override extraRepr(): string {
    return `outputSize=${printExtent(this.outputSize)}`;
  }
}

abstract class AdaptiveAvgPool extends AdaptivePool {
  protected readonly form: typeof adaptiveAvgPool2d;

  constructor(where: string, dims: SpatialDims, form: typeof adaptiveAvgPool2d, outputSize: OutputSize) {
    super(where, dims, outputSize);
    this.form = form;
  }

  override forward(x: Tensor): Tensor {
    return this.form(x, this.outputSize);
  }
}

/** The options of `AdaptiveMaxPool1d`, `AdaptiveMaxPool2d` and `AdaptiveMaxPool3d`. */
export interface AdaptiveMaxPoolLayerOptions<Indices extends boolean = boolean> {
  /** Also give where the greatest elements stand. Default false. */
  readonly returnIndices?: Indices;
}

abstract class AdaptiveMax<Indices extends boolean> extends AdaptivePool {
  readonly returnIndices: boolean;
  protected readonly form: AdaptiveMaxPool;

  constructor(
    where: string,
    dims: SpatialDims,
    form: AdaptiveMaxPool,
    outputSize: OutputSize,
    options: AdaptiveMaxPoolLayerOptions<Indices>,
  ) {
    super(where, dims, outputSize);
    checkOptions(where, options, ["returnIndices"]);
    checkFlag(`${where}: returnIndices`, options.returnIndices);
    this.returnIndices = options.returnIndices ?? false;
    this.form = form;
  }

  override forward(x: Tensor): Pooled<Indices> {
    const { form, outputSize, returnIndices } = this;
    return (returnIndices ? form(x, outputSize, { returnIndices }) : form(x, outputSize)) as Pooled<Indices>;
  }
}

/**
 * Averages windows that cover the last dim evenly; see `functional.adaptiveAvgPool1d`. Same as torch.nn.AdaptiveAvgPool1d.
 *
 * @throws ValueError for an output size below 1.
 */
export class AdaptiveAvgPool1d extends AdaptiveAvgPool {
  constructor(outputSize: OutputSize) {
    super("AdaptiveAvgPool1d", 1, adaptiveAvgPool1d, outputSize);
  }
}

/**
 * Averages windows that cover an image evenly, so that images of any size give one size; see
 * `functional.adaptiveAvgPool2d`. Same as torch.nn.AdaptiveAvgPool2d.
 *
 * @throws ValueError for an output size below 1.
 *
 * @example
 * new AdaptiveAvgPool2d([5, 7]).forward(randn([1, 64, 8, 9])).shape; // [1, 64, 5, 7]
 */
export class AdaptiveAvgPool2d extends AdaptiveAvgPool {
  constructor(outputSize: OutputSize) {
    super("AdaptiveAvgPool2d", 2, adaptiveAvgPool2d, outputSize);
  }
}

/**
 * Averages windows that cover a volume evenly; see `functional.adaptiveAvgPool3d`. Same as torch.nn.AdaptiveAvgPool3d.
 *
 * @throws ValueError for an output size below 1.
 */
export class AdaptiveAvgPool3d extends AdaptiveAvgPool {
  constructor(outputSize: OutputSize) {
    super("AdaptiveAvgPool3d", 3, adaptiveAvgPool3d, outputSize);
  }
}

/**
 * Takes the greatest element of each of the windows that cover the last dim evenly; see `functional.adaptiveMaxPool1d`.
 * Same as torch.nn.AdaptiveMaxPool1d.
 *
 * @throws ValueError for an output size below 1.
 */
export class AdaptiveMaxPool1d<Indices extends boolean = false> extends AdaptiveMax<Indices> {
  constructor(outputSize: OutputSize, options: AdaptiveMaxPoolLayerOptions<Indices> = {}) {
    super("AdaptiveMaxPool1d", 1, adaptiveMaxPool1d, outputSize, options);
  }
}

/**
 * Takes the greatest element of each of the windows that cover an image evenly; with `returnIndices`, `forward` gives
 * [values, indices]; see `functional.adaptiveMaxPool2d`. Same as torch.nn.AdaptiveMaxPool2d.
 *
 * @throws ValueError for an output size below 1.
 *
 * @example
 * new AdaptiveMaxPool2d(2).forward(randn([1, 64, 5, 9])).shape; // [1, 64, 2, 2]
 */
export class AdaptiveMaxPool2d<Indices extends boolean = false> extends AdaptiveMax<Indices> {
  constructor(outputSize: OutputSize, options: AdaptiveMaxPoolLayerOptions<Indices> = {}) {
    super("AdaptiveMaxPool2d", 2, adaptiveMaxPool2d, outputSize, options);
  }
}

/**
 * Takes the greatest element of each of the windows that cover a volume evenly; see `functional.adaptiveMaxPool3d`. Same
 * as torch.nn.AdaptiveMaxPool3d.
 *
 * @throws ValueError for an output size below 1.
 */
export class AdaptiveMaxPool3d<Indices extends boolean = false> extends AdaptiveMax<Indices> {
  constructor(outputSize: OutputSize, options: AdaptiveMaxPoolLayerOptions<Indices> = {}) {
    super("AdaptiveMaxPool3d", 3, adaptiveMaxPool3d, outputSize, options);
  }
}
