import { ones, ShapeError, type Tensor, tensor, type TensorOptions, zeros } from "@downhill/core";
import { assign, checkCount, checkFlag, checkOptions, checkTensor, ownTensor, text } from "@downhill/core/engine";
import { batchNorm, checkMomentum } from "./functional/batch-norm.js";
import { checkEps, type NormOptions } from "./functional/normalization.js";
import { checkLayerDType } from "./layer-dtype.js";
import { Module } from "./module.js";
import { Parameter } from "./parameter.js";
import { printFloat } from "./print-number.js";

/** What a batch norm takes beside its number of channels. */
export interface BatchNormOptions extends NormOptions, Pick<TensorOptions, "dtype" | "device"> {
  /** Share of the newest batch in the running statistics; null: all batches count alike. Default 0.1. */
  readonly momentum?: number | null;
  /** Learn a weight and a bias per channel. Default true. */
  readonly affine?: boolean;
  /** Keep running statistics, which evaluation uses; without, it uses the batch's. Default true. */
  readonly trackRunningStats?: boolean;
}

/** What batch norms share; they differ in the input they take. */
abstract class BatchNorm extends Module {
  readonly numFeatures: number;
  readonly eps: number;
  readonly momentum: number | null;
  readonly affine: boolean;
  readonly trackRunningStats: boolean;
  declare weight: Parameter | null;
  declare bias: Parameter | null;
  declare runningMean: Tensor | null;
  declare runningVar: Tensor | null;
  declare numBatchesTracked: Tensor | null;

  constructor(where: string, numFeatures: number, options: BatchNormOptions) {
    super();
    checkOptions(where, options, ["eps", "momentum", "affine", "trackRunningStats", "dtype", "device"]);
    const { eps, momentum, affine = true, trackRunningStats = true, ...placed } = options;
    checkFlag(`${where}: affine`, affine);
    checkFlag(`${where}: trackRunningStats`, trackRunningStats);
    checkLayerDType(where, placed.dtype);
    this.numFeatures = checkCount(where, "numFeatures", numFeatures);
    this.eps = checkEps(where, eps);
    this.momentum = momentum === null ? null : checkMomentum(where, momentum);
    this.affine = affine;
    this.trackRunningStats = trackRunningStats;
    const shape = [numFeatures];
    this.registerParameter("weight", affine ? new Parameter(ones(shape, placed)) : null);
    this.registerParameter("bias", affine ? new Parameter(zeros(shape, placed)) : null);
    const own = (value: () => Tensor): Tensor | null => (trackRunningStats ? ownTensor(value()) : null);
    this.registerBuffer(
      "runningMean",
      own(() => zeros(shape, placed)),
    );
    this.registerBuffer(
      "runningVar",
      own(() => ones(shape, placed)),
    );
    this.registerBuffer(
      "numBatchesTracked",
      own(() => tensor(0, { ...placed, dtype: "int32" })),
    );
  }

  /** Throws for input of another shape than the layer is for. */
  protected abstract checkShape(x: Tensor): void;

  override forward(x: Tensor): Tensor {
    checkTensor(this.constructor.name, x);
    this.checkShape(x);
    const { weight, bias, runningMean, runningVar, eps } = this;
    // Without running statistics evaluation, too, takes those of the batch.
    const training = this.training || runningMean === null || runningVar === null;
    const momentum = this.training ? this.#share(x) : 0;
    return batchNorm(x, runningMean, runningVar, weight, bias, { training, momentum, eps });
  }

  /** Counts this batch, and gives its share in the running statistics. */
  #share(x: Tensor): number | Tensor {
    const { momentum, numBatchesTracked } = this;
    if (numBatchesTracked === null) return momentum ?? 0;
    assign(numBatchesTracked, numBatchesTracked.add(1));
    return momentum ?? numBatchesTracked.to(x.dtype).reciprocal();
  }

  override extraRepr(): string {
    const { numFeatures, eps, momentum, affine, trackRunningStats } = this;
    const share = momentum === null ? "null" : printFloat(momentum);
    return `${numFeatures}, eps=${printFloat(eps)}, momentum=${share}, affine=${affine}, trackRunningStats=${trackRunningStats}`;
  }
}

/**
 * Normalises each of C channels of [N, C] or [N, C, L] over the batch and L, then scales and shifts it by a learned
 * weight, ones at first, and bias, zeros at first. Training takes the batch's mean and variance and keeps running ones,
 * which evaluation takes. Same as torch.nn.BatchNorm1d.
 *
 * @throws ShapeError for input of another shape; ValueError in training for one value per channel.
 *
 * @example
 * const layer = new BatchNorm1d(3);
 * layer.forward(tensor([[1, 2, 3], [3, 2, 7]]));
 * layer.runningMean; // tensor([0.2000, 0.2000, 0.5000])
 */
export class BatchNorm1d extends BatchNorm {
  constructor(numFeatures: number, options: BatchNormOptions = {}) {
    super("BatchNorm1d", numFeatures, options);
  }

  protected override checkShape({ shape }: Tensor): void {
    if ((shape.length === 2 || shape.length === 3) && shape[1] === this.numFeatures) return;
    const c = this.numFeatures;
    throw new ShapeError(`BatchNorm1d: the input must be [N, ${c}] or [N, ${c}, L], got shape ${text(shape)}`);
  }
}

/**
 * Normalises each of C channels of images [N, C, H, W] over the batch and the image, then scales and shifts it by a
 * learned weight, ones at first, and bias, zeros at first. Training takes the batch's mean and variance and keeps running
 * ones, which evaluation takes. Same as torch.nn.BatchNorm2d.
 *
 * @throws ShapeError for input of another shape; ValueError in training for one value per channel.
 *
 * @example
 * const layer = new BatchNorm2d(16);
 * layer.forward(randn([8, 16, 5, 5])).shape; // [8, 16, 5, 5]
 */
export class BatchNorm2d extends BatchNorm {
  constructor(numFeatures: number, options: BatchNormOptions = {}) {
    super("BatchNorm2d", numFeatures, options);
  }

  protected override checkShape({ shape }: Tensor): void {
    if (shape.length === 4 && shape[1] === this.numFeatures) return;
    throw new ShapeError(`BatchNorm2d: the input must be [N, ${this.numFeatures}, H, W], got shape ${text(shape)}`);
  }
}
