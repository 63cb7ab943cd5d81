import { type RandomOptions, type Tensor, uniform } from "@downhill/core";
import { checkCount, checkFlag, checkOptions } from "@downhill/core/engine";
import { bilinear } from "./functional/bilinear.js";
import { checkLayerDType } from "./layer-dtype.js";
import type { LinearOptions } from "./linear.js";
import { Module } from "./module.js";
import { checkParameter } from "./check-parameter.js";
import { Parameter } from "./parameter.js";

/**
 * Computes x1ᵀ · weight[k] · x2 + bias[k] for each of `outFeatures`: [..., in1Features] and [..., in2Features] give
 * [..., outFeatures]. Same as torch.nn.Bilinear: weight [out, in1, in2] and then bias [out] are drawn from
 * U(-1/√in1, 1/√in1), as PyTorch draws them.
 *
 * @throws ValueError for sizes that are no integers of 1 or more; ShapeError for input of other last sizes.
 *
 * @example
 * const layer = new Bilinear(20, 30, 40);
 * layer.forward(randn([128, 20]), randn([128, 30])).shape; // [128, 40]
 */
export class Bilinear extends Module {
  readonly in1Features: number;
  readonly in2Features: number;
  readonly outFeatures: number;
  declare weight: Parameter;
  declare bias: Parameter | null;

  constructor(in1Features: number, in2Features: number, outFeatures: number, options: LinearOptions = {}) {
    super();
    checkOptions("Bilinear", options, ["bias", "dtype", "device"]);
    const { bias = true, device } = options;
    checkFlag("Bilinear: bias", bias);
    this.in1Features = checkCount("Bilinear", "in1Features", in1Features, 1);
    this.in2Features = checkCount("Bilinear", "in2Features", in2Features, 1);
    this.outFeatures = checkCount("Bilinear", "outFeatures", outFeatures, 1);
    const dtype = checkLayerDType("Bilinear", options.dtype);
    const placed: RandomOptions = device === undefined ? { dtype } : { dtype, device };
    const bound = 1 / Math.sqrt(in1Features);
    const draw = (shape: readonly number[]): Parameter => new Parameter(uniform(-bound, bound, shape, placed));
    this.registerParameter("weight", draw([outFeatures, in1Features, in2Features]));
    this.registerParameter("bias", bias ? draw([outFeatures]) : null);
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    const { weight, bias } = this;
    checkParameter(this, "weight", weight);
    if (bias !== null) checkParameter(this, "bias", bias);
    return bilinear(x1, x2, weight, bias);
  }

  override extraRepr(): string {
    const { in1Features, in2Features, outFeatures, bias } = this;
    return `in1Features=${in1Features}, in2Features=${in2Features}, outFeatures=${outFeatures}, bias=${bias !== null}`;
  }
}
