import { ones, type Tensor, type TensorOptions, zeros } from "@downhill/core";
import { checkFlag, checkOptions } from "@downhill/core/engine";
import { checkEps, checkNormalizedShape, layerNorm, type NormOptions } from "./functional/normalization.js";
import { checkLayerDType } from "./layer-dtype.js";
import { Module } from "./module.js";
import { Parameter } from "./parameter.js";
import { printFloat, printSizes } from "./print-number.js";

/** What `new LayerNorm` takes beside its shape. */
export interface LayerNormOptions extends NormOptions, Pick<TensorOptions, "dtype" | "device"> {
  /** Learn a weight and a bias per element. Default true. */
  readonly elementwiseAffine?: boolean;
  /** Learn the bias, if there is a weight. Default true. */
  readonly bias?: boolean;
}

/**
 * Brings the last dims, of sizes `normalizedShape`, of each sample to mean 0 and variance 1, then scales and shifts by a
 * learned weight, ones at first, and bias, zeros at first. Same as torch.nn.LayerNorm.
 *
 * @throws ShapeError for a shape that is none, and for input with other last sizes.
 *
 * @example
 * const layer = new LayerNorm(10);
 * layer.forward(randn([20, 5, 10])).shape; // [20, 5, 10]
 */
export class LayerNorm extends Module {
  readonly normalizedShape: readonly number[];
  readonly eps: number;
  readonly elementwiseAffine: boolean;
  declare weight: Parameter | null;
  declare bias: Parameter | null;

  constructor(normalizedShape: number | readonly number[], options: LayerNormOptions = {}) {
    super();
    checkOptions("LayerNorm", options, ["eps", "elementwiseAffine", "bias", "dtype", "device"]);
    const { eps, elementwiseAffine = true, bias = true, ...placed } = options;
    checkFlag("LayerNorm: elementwiseAffine", elementwiseAffine);
    checkFlag("LayerNorm: bias", bias);
    checkLayerDType("LayerNorm", placed.dtype);
    this.normalizedShape = checkNormalizedShape("LayerNorm", normalizedShape);
    this.eps = checkEps("LayerNorm", eps);
    this.elementwiseAffine = elementwiseAffine;
    const shape = this.normalizedShape;
    this.registerParameter("weight", elementwiseAffine ? new Parameter(ones(shape, placed)) : null);
    this.registerParameter("bias", elementwiseAffine && bias ? new Parameter(zeros(shape, placed)) : null);
  }

  override forward(x: Tensor): Tensor {
    return layerNorm(x, this.normalizedShape, this.weight, this.bias, { eps: this.eps });
  }

  override extraRepr(): string {
    const { normalizedShape, eps, elementwiseAffine } = this;
    return `${printSizes(normalizedShape)}, eps=${printFloat(eps)}, elementwiseAffine=${elementwiseAffine}`;
  }
}
