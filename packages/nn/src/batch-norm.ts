import { ShapeError, type Tensor } from "@downhill/core";
import { assign, checkTensor, text } from "@downhill/core/engine";
import { batchNorm } from "./functional/batch-norm.js";
import { NormLayer, type RunningNormOptions } from "./norm-layer.js";

/** What a batch norm takes beside its number of channels. */
export interface BatchNormOptions extends RunningNormOptions {
  /** Learn a weight and a bias per channel. Default true. */
  readonly affine?: boolean;
  /** Keep running statistics, which evaluation uses; without, it uses the batch's. Default true. */
  readonly trackRunningStats?: boolean;
}

/** What batch norms share; they differ in the input they take. */
export abstract class BatchNorm extends NormLayer {
  constructor(where: string, numFeatures: number, options: BatchNormOptions) {
    super(where, numFeatures, options, true);
  }

  /** Throws for input of another shape than the layer is for. */
  protected abstract checkShape(x: Tensor): void;

  override forward(x: Tensor): Tensor {
    checkTensor(this.constructor.name, x);
    this.checkShape(x);
    const { weight, bias, runningMean, runningVar, eps } = this;
    // Without running statistics evaluation, too, takes those of the batch.
    const training = this.training || runningMean === null || runningVar === null;
    const momentum = this.training ? this.share(x) : 0;
    return batchNorm(x, runningMean, runningVar, weight, bias, { training, momentum, eps });
  }

  /** Counts this batch, and gives its share in the running statistics. */
  private share(x: Tensor): number | Tensor {
    const { momentum, numBatchesTracked } = this;
    if (numBatchesTracked === null) return momentum ?? 0;
    assign(numBatchesTracked, numBatchesTracked.add(1));
    return momentum ?? numBatchesTracked.to(x.dtype).reciprocal();
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

/**
 * Normalises each of C channels of volumes [N, C, D, H, W] over the batch and the volume; see `BatchNorm2d`. Same as
 * torch.nn.BatchNorm3d.
 *
 * @throws ShapeError for input of another shape; ValueError in training for one value per channel.
 */
export class BatchNorm3d extends BatchNorm {
  constructor(numFeatures: number, options: BatchNormOptions = {}) {
    super("BatchNorm3d", numFeatures, options);
  }

  protected override checkShape({ shape }: Tensor): void {
    if (shape.length === 5 && shape[1] === this.numFeatures) return;
    throw new ShapeError(`BatchNorm3d: the input must be [N, ${this.numFeatures}, D, H, W], got shape ${text(shape)}`);
  }
}
