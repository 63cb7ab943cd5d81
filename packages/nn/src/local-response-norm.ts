import type { Tensor } from "@downhill/core";
import { checkCount } from "@downhill/core/engine";
import {
  checkLocalResponseNorm,
  localResponseNorm,
  type LocalResponseNormOptions,
} from "./functional/local-response-norm.js";
import { Module } from "./module.js";
import { printFloat } from "./print-number.js";

/**
 * Divides each element by (k + alpha · m)^beta, where m is the mean square of `size` neighbouring channels; see
 * `functional.localResponseNorm`. Same as torch.nn.LocalResponseNorm.
 *
 * @example
 * new LocalResponseNorm(2).forward(randn([32, 5, 24, 24])).shape; // [32, 5, 24, 24]
 */
export class LocalResponseNorm extends Module {
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly k: number;

  constructor(size: number, options: LocalResponseNormOptions = {}) {
    super();
    const { alpha, beta, k } = checkLocalResponseNorm("LocalResponseNorm", options);
    this.size = checkCount("LocalResponseNorm", "size", size, 1);
    this.alpha = alpha;
    this.beta = beta;
    this.k = k;
  }

  override forward(x: Tensor): Tensor {
    const { size, alpha, beta, k } = this;
    return localResponseNorm(x, size, { alpha, beta, k });
  }

  override extraRepr(): string {
    const { size, alpha, beta, k } = this;
    return `${size}, alpha=${printFloat(alpha)}, beta=${printFloat(beta)}, k=${printFloat(k)}`;
  }
}
