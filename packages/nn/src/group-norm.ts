import { ones, ShapeError, type Tensor, type TensorOptions, zeros } from "@downhill/core";
import { checkCount, checkFlag, checkOptions, text } from "@downhill/core/engine";
import { checkEps, groupNorm, type NormOptions } from "./functional/normalization.js";
import { checkLayerDType } from "./layer-dtype.js";
import { Module } from "./module.js";
import { Parameter } from "./parameter.js";
import { printFloat } from "./print-number.js";

/** What `new GroupNorm` takes beside its counts. */
export interface GroupNormOptions extends NormOptions, Pick<TensorOptions, "dtype" | "device"> {
  /** Learn a weight and a bias per channel. Default true. */
  readonly affine?: boolean;
}

/**
 * Brings each group of channels of each sample of [N, C, …] to mean 0 and variance 1, then scales and shifts each channel
 * by a learned weight, ones at first, and bias, zeros at first. Same as torch.nn.GroupNorm.
 *
 * @throws ShapeError when the channels do not divide into the groups, and for input with other channels.
 *
 * @example
 * const layer = new GroupNorm(3, 6);
 * layer.forward(randn([20, 6, 10, 10])).shape; // [20, 6, 10, 10]
 */
export class GroupNorm extends Module {
  readonly numGroups: number;
  readonly numChannels: number;
  readonly eps: number;
  readonly affine: boolean;
  declare weight: Parameter | null;
  declare bias: Parameter | null;

  constructor(numGroups: number, numChannels: number, options: GroupNormOptions = {}) {
    super();
    checkOptions("GroupNorm", options, ["eps", "affine", "dtype", "device"]);
    const { eps, affine = true, ...placed } = options;
    checkFlag("GroupNorm: affine", affine);
    checkLayerDType("GroupNorm", placed.dtype);
    this.numGroups = checkCount("GroupNorm", "numGroups", numGroups, 1);
    this.numChannels = checkCount("GroupNorm", "numChannels", numChannels);
    if (numChannels % numGroups !== 0)
      throw new ShapeError(`GroupNorm: ${numChannels} channels do not divide into ${numGroups} groups`);
    this.eps = checkEps("GroupNorm", eps);
    this.affine = affine;
    this.registerParameter("weight", affine ? new Parameter(ones([numChannels], placed)) : null);
    this.registerParameter("bias", affine ? new Parameter(zeros([numChannels], placed)) : null);
  }

  override forward(x: Tensor): Tensor {
    const { numGroups, numChannels, weight, bias, eps } = this;
    if (x.ndim < 2 || x.shape[1] !== numChannels)
      throw new ShapeError(`GroupNorm: the input must be [N, ${numChannels}, …], got shape ${text(x.shape)}`);
    return groupNorm(x, numGroups, weight, bias, { eps });
  }

  override extraRepr(): string {
    return `${this.numGroups}, ${this.numChannels}, eps=${printFloat(this.eps)}, affine=${this.affine}`;
  }
}
