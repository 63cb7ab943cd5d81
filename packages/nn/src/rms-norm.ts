import { ones, type Tensor, type TensorOptions } from "@downhill/core";
import { checkFlag, checkOptions } from "@downhill/core/engine";
import { checkEps, checkNormalizedShape, rmsNorm, type RMSNormOptions } from "./functional/normalization.js";
import { checkLayerDType } from "./layer-dtype.js";
import { Module } from "./module.js";
import { Parameter } from "./parameter.js";
import { printFloat, printSizes } from "./print-number.js";

/** What `new RMSNorm` takes beside its shape. */
export interface RMSNormLayerOptions extends RMSNormOptions, Pick<TensorOptions, "dtype" | "device"> {
  /** Learn a weight per element. Default true. */
  readonly elementwiseAffine?: boolean;
}

/**
 * Divides the last dims, of sizes `normalizedShape`, of each sample by their root mean square, then scales by a learned
 * weight, ones at first. Same as torch.nn.RMSNorm.
 *
 * @throws ShapeError for a shape that is none, and for input with other last sizes.
 *
 * @example
 * const layer = new RMSNorm([2, 3]);
 * layer.forward(randn([4, 2, 3])).shape; // [4, 2, 3]
 */
export class RMSNorm extends Module {
  readonly normalizedShape: readonly number[];
  readonly eps: number | null;
  readonly elementwiseAffine: boolean;
  declare weight: Parameter | null;

  constructor(normalizedShape: number | readonly number[], options: RMSNormLayerOptions = {}) {
    super();
    checkOptions("RMSNorm", options, ["eps", "elementwiseAffine", "dtype", "device"]);
    const { eps = null, elementwiseAffine = true, ...placed } = options;
    checkFlag("RMSNorm: elementwiseAffine", elementwiseAffine);
    checkLayerDType("RMSNorm", placed.dtype);
    this.normalizedShape = checkNormalizedShape("RMSNorm", normalizedShape);
    this.eps = eps === null ? null : checkEps("RMSNorm", eps);
    this.elementwiseAffine = elementwiseAffine;
    this.registerParameter("weight", elementwiseAffine ? new Parameter(ones(this.normalizedShape, placed)) : null);
  }

  override forward(x: Tensor): Tensor {
    return rmsNorm(x, this.normalizedShape, this.weight, { eps: this.eps });
  }

  override extraRepr(): string {
    const { normalizedShape, eps, elementwiseAffine } = this;
    const printed = eps === null ? "null" : printFloat(eps);
    return `${printSizes(normalizedShape)}, eps=${printed}, elementwiseAffine=${elementwiseAffine}`;
  }
}
