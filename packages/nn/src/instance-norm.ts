import { ShapeError, type Tensor } from "@downhill/core";
import { checkTensor, text } from "@downhill/core/engine";
import { type SpatialDims, spatialNames } from "./functional/extent.js";
import { instanceNorm } from "./functional/instance-norm.js";
import { NormLayer, type RunningNormOptions } from "./norm-layer.js";

/** What an instance norm takes beside its number of channels. */
export interface InstanceNormOptions extends RunningNormOptions {
  /** Learn a weight and a bias per channel. Default false. */
  readonly affine?: boolean;
  /** Keep running statistics, which evaluation uses; without, it uses the input's. Default false. */
  readonly trackRunningStats?: boolean;
}

/** What instance norms share; they differ in the number of spatial dims. */
abstract class InstanceNorm extends NormLayer {
  protected readonly dims: SpatialDims;

  constructor(where: string, dims: SpatialDims, numFeatures: number, options: InstanceNormOptions) {
    super(where, numFeatures, options, false);
    this.dims = dims;
  }

  override forward(x: Tensor): Tensor {
    const where = this.constructor.name;
    checkTensor(where, x);
    const { dims, numFeatures: channels, weight, bias, runningMean, runningVar, eps } = this;
    const unbatched = x.ndim === dims + 1;
    if ((!unbatched && x.ndim !== dims + 2) || x.shape[unbatched ? 0 : 1] !== channels) {
      const names = spatialNames[dims];
      throw new ShapeError(
        `${where}: the input must be [N, ${channels}, ${names}] or [${channels}, ${names}], got shape ${text(x.shape)}`,
      );
    }
    const batch = unbatched ? x.unsqueeze(0) : x;
    const useInputStats = this.training || runningMean === null;
    const options = { useInputStats, momentum: this.momentum ?? 0, eps };
    const y = instanceNorm(batch, runningMean, runningVar, weight, bias, options);
    return unbatched ? y.squeeze(0) : y;
  }
}

/**
 * Normalises each channel of each sample of [N, C, L] or [C, L] over L; with `affine`, then scales and shifts it by a
 * learned weight, ones at first, and bias, zeros at first. Same as torch.nn.InstanceNorm1d.
 *
 * @throws ShapeError for input of another shape; ValueError for one value per channel.
 */
export class InstanceNorm1d extends InstanceNorm {
  constructor(numFeatures: number, options: InstanceNormOptions = {}) {
    super("InstanceNorm1d", 1, numFeatures, options);
  }
}

/**
 * Normalises each channel of each image of [N, C, H, W] or [C, H, W] over the image; with `affine`, then scales and
 * shifts it by a learned weight, ones at first, and bias, zeros at first. Same as torch.nn.InstanceNorm2d.
 *
 * @throws ShapeError for input of another shape; ValueError for one value per channel.
 *
 * @example
 * const layer = new InstanceNorm2d(16, { affine: true });
 * layer.forward(randn([8, 16, 5, 5])).shape; // [8, 16, 5, 5]
 */
export class InstanceNorm2d extends InstanceNorm {
  constructor(numFeatures: number, options: InstanceNormOptions = {}) {
    super("InstanceNorm2d", 2, numFeatures, options);
  }
}

/**
 * Normalises each channel of each volume of [N, C, D, H, W] or [C, D, H, W] over the volume; see `InstanceNorm2d`. Same
 * as torch.nn.InstanceNorm3d.
 *
 * @throws ShapeError for input of another shape; ValueError for one value per channel.
 */
export class InstanceNorm3d extends InstanceNorm {
  constructor(numFeatures: number, options: InstanceNormOptions = {}) {
    super("InstanceNorm3d", 3, numFeatures, options);
  }
}
