import type { Tensor } from "@downhill/core";
import {
  checkGaussian,
  checkKLDiv,
  checkPoisson,
  gaussianNllLoss,
  type GaussianNLLLossOptions,
  klDiv,
  type KLDivLossOptions,
  poissonNllLoss,
  type PoissonNLLLossOptions,
} from "./functional/likelihood-loss.js";
import type { Reduction } from "./functional/loss.js";
import { Module } from "./module.js";

/**
 * Averages target · (log(target) - input), the Kullback-Leibler divergence of log-probabilities `input` from
 * probabilities `target`. `reduction: "batchmean"` is what mathematics means by it. Same as torch.nn.KLDivLoss.
 *
 * @example
 * const criterion = new KLDivLoss({ reduction: "batchmean" });
 * criterion.forward(tensor([[1, 2, 3]]).logSoftmax(1), tensor([[0, 0.5, 0.5]])); // tensor(0.2145)
 */
export class KLDivLoss extends Module {
  readonly reduction: Reduction | "batchmean";
  readonly logTarget: boolean;

  constructor(options: KLDivLossOptions = {}) {
    super();
    const settings = checkKLDiv("KLDivLoss", options);
    this.reduction = settings.reduction;
    this.logTarget = settings.logTarget;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { reduction, logTarget } = this;
    return klDiv(input, target, { reduction, logTarget });
  }
}

/**
 * Averages ½ · (log(var) + (input - target)² / var), the negative log-likelihood of targets that are normal about
 * `input`. The variance has the input's shape, or one number for each row. Same as torch.nn.GaussianNLLLoss.
 *
 * @example
 * new GaussianNLLLoss().forward(tensor([1, 2]), tensor([1, 4]), tensor([1, 4])); // tensor(0.5966)
 */
export class GaussianNLLLoss extends Module {
  readonly full: boolean;
  readonly eps: number;
  readonly reduction: Reduction;

  constructor(options: GaussianNLLLossOptions = {}) {
    super();
    const settings = checkGaussian("GaussianNLLLoss", options);
    this.full = settings.full;
    this.eps = settings.eps;
    this.reduction = settings.reduction;
  }

  override forward(input: Tensor, target: Tensor, variance: Tensor): Tensor {
    const { full, eps, reduction } = this;
    return gaussianNllLoss(input, target, variance, { full, eps, reduction });
  }
}

/**
 * Averages exp(input) - target · input, the negative log-likelihood of counts whose logarithm of the rate is `input`; or,
 * with `logInput: false`, input - target · log(input + eps). Same as torch.nn.PoissonNLLLoss.
 *
 * @example
 * new PoissonNLLLoss().forward(tensor([0, 1]), tensor([1, 3])); // tensor(0.3591)
 */
export class PoissonNLLLoss extends Module {
  readonly logInput: boolean;
  readonly full: boolean;
  readonly eps: number;
  readonly reduction: Reduction;

  constructor(options: PoissonNLLLossOptions = {}) {
    super();
    const settings = checkPoisson("PoissonNLLLoss", options);
    this.logInput = settings.logInput;
    this.full = settings.full;
    this.eps = settings.eps;
    this.reduction = settings.reduction;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { logInput, full, eps, reduction } = this;
    return poissonNllLoss(input, target, { logInput, full, eps, reduction });
  }
}
