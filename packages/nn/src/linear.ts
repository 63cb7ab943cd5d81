import { type Tensor, uniform } from "@downhill/core";
import { checkCount, checkOptions } from "@downhill/core/engine";
import { linear } from "./functional/linear.js";
import { Module } from "./module.js";
import { Parameter } from "./parameter.js";

/** What `new Linear` takes beside its sizes. */
export interface LinearOptions {
  /** Add a learned bias. Default true. */
  readonly bias?: boolean;
}

/**
 * Applies y = x · weightᵀ + bias to the last dim: [..., inFeatures] gives [..., outFeatures]. Same as torch.nn.Linear:
 * weight [outFeatures, inFeatures] and then bias [outFeatures] are drawn from U(-1/√in, 1/√in), as PyTorch draws them.
 */
export class Linear extends Module {
  readonly inFeatures: number;
  readonly outFeatures: number;
  weight: Parameter;
  bias: Parameter | null;

  constructor(inFeatures: number, outFeatures: number, options: LinearOptions = {}) {
    super();
    checkOptions("Linear", options, ["bias"]);
    this.inFeatures = checkCount("Linear", "inFeatures", inFeatures);
    this.outFeatures = checkCount("Linear", "outFeatures", outFeatures);
    const bound = inFeatures > 0 ? 1 / Math.sqrt(inFeatures) : 0;
    // kaiming_uniform with a = √5: √(6 / (1 + 5)) / √in = 1/√in, computed as PyTorch does.
    const spread = inFeatures > 0 ? Math.sqrt(3) * (Math.sqrt(2 / (1 + 5)) / Math.sqrt(inFeatures)) : 0;
    this.weight = new Parameter(uniform(-spread, spread, [outFeatures, inFeatures]));
    this.bias = (options.bias ?? true) ? new Parameter(uniform(-bound, bound, [outFeatures])) : null;
  }

  override forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias);
  }

  override extraRepr(): string {
    return `inFeatures=${this.inFeatures}, outFeatures=${this.outFeatures}, bias=${this.bias !== null}`;
  }
}
