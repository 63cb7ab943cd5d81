import { ones, type Tensor, tensor, type TensorOptions, zeros } from "@downhill/core";
import { checkCount, checkFlag, checkOptions, ownTensor } from "@downhill/core/engine";
import { checkMomentum } from "./functional/batch-norm.js";
import { checkEps, type NormOptions } from "./functional/normalization.js";
import { checkLayerDType } from "./layer-dtype.js";
import { Module } from "./module.js";
import { Parameter } from "./parameter.js";
import { printFloat } from "./print-number.js";

/** What norms with running statistics take beside their number of channels. */
export interface RunningNormOptions extends NormOptions, Pick<TensorOptions, "dtype" | "device"> {
  /** Share of the newest batch in the running statistics; null: all batches count alike. Default 0.1. */
  readonly momentum?: number | null;
  /** Learn a weight and a bias per channel. */
  readonly affine?: boolean;
  /** Keep running statistics, which evaluation uses; without, it uses the input's. */
  readonly trackRunningStats?: boolean;
}

/** What norms with running statistics share: channels, parameters, buffers and print. */
export abstract class NormLayer extends Module {
  readonly numFeatures: number;
  readonly eps: number;
  /** Share of the newest batch; `updateBatchNorm` sets it for a while. */
  momentum: number | null;
  readonly affine: boolean;
  readonly trackRunningStats: boolean;
  declare weight: Parameter | null;
  declare bias: Parameter | null;
  declare runningMean: Tensor | null;
  declare runningVar: Tensor | null;
  declare numBatchesTracked: Tensor | null;

  /** @param implied Whether it has parameters and running statistics unless told otherwise. */
  constructor(where: string, numFeatures: number, options: RunningNormOptions, implied: boolean) {
    super();
    checkOptions(where, options, ["eps", "momentum", "affine", "trackRunningStats", "dtype", "device"]);
    const { eps, momentum, affine = implied, trackRunningStats = implied, ...placed } = options;
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

  override extraRepr(): string {
    const { numFeatures, eps, momentum, affine, trackRunningStats } = this;
    const share = momentum === null ? "null" : printFloat(momentum);
    return `${numFeatures}, eps=${printFloat(eps)}, momentum=${share}, affine=${affine}, trackRunningStats=${trackRunningStats}`;
  }
}
