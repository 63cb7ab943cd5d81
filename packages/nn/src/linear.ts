import { type RandomOptions, type Tensor, uniform } from "@downhill/core";
import { checkCount, checkFlag, checkOptions } from "@downhill/core/engine";
import { linear } from "./functional/linear.js";
import { checkLayerDType } from "./layer-dtype.js";
import { Module } from "./module.js";
import { checkParameter } from "./check-parameter.js";
import { Parameter } from "./parameter.js";

/** What `new Linear` takes beside its sizes. */
export interface LinearOptions extends Pick<RandomOptions, "dtype" | "device"> {
  /** Add a learned bias. Default true. */
  readonly bias?: boolean;
}

/**
 * Applies y = x · weightᵀ + bias to the last dim: [..., inFeatures] gives [..., outFeatures]. Same as torch.nn.Linear:
 * weight [outFeatures, inFeatures] and then bias [outFeatures] are drawn from U(-1/√in, 1/√in), as PyTorch draws them.
 *
 * @throws ValueError for sizes that are no integers of 0 or more; ShapeError for input of another last size.
 *
 * @example
 * const layer = new Linear(20, 30);
 * layer.forward(randn([128, 20])).shape; // [128, 30]
 */
export class Linear extends Module {
  readonly inFeatures: number;
  readonly outFeatures: number;
  declare weight: Parameter;
  declare bias: Parameter | null;

  constructor(inFeatures: number, outFeatures: number, options: LinearOptions = {}) {
    super();
    checkOptions("Linear", options, ["bias", "dtype", "device"]);
    this.inFeatures = checkCount("Linear", "inFeatures", inFeatures);
    this.outFeatures = checkCount("Linear", "outFeatures", outFeatures);
    const { bias = true, ...placed } = options;
    checkFlag("Linear: bias", bias);
    checkLayerDType("Linear", placed.dtype);
    // Both bounds are 1/√in; PyTorch comes to the first by kaiming_uniform with a = √5, which rounds differently.
    const slope = Math.sqrt(5);
    const spread = inFeatures > 0 ? Math.sqrt(3) * (Math.sqrt(2 / (1 + slope * slope)) / Math.sqrt(inFeatures)) : 0;
    const bound = inFeatures > 0 ? 1 / Math.sqrt(inFeatures) : 0;
    this.registerParameter("weight", new Parameter(uniform(-spread, spread, [outFeatures, inFeatures], placed)));
    this.registerParameter("bias", bias ? new Parameter(uniform(-bound, bound, [outFeatures], placed)) : null);
  }

  override forward(x: Tensor): Tensor {
    const { weight, bias } = this;
    checkParameter(this, "weight", weight);
    if (bias !== null) checkParameter(this, "bias", bias);
    return linear(x, weight, bias);
  }

  override extraRepr(): string {
    return `inFeatures=${this.inFeatures}, outFeatures=${this.outFeatures}, bias=${this.bias !== null}`;
  }
}
