import type { Tensor } from "@downhill/core";
import {
  checkHuber,
  checkSmoothL1,
  huberLoss,
  type HuberLossOptions,
  smoothL1Loss,
  type SmoothL1LossOptions,
} from "./functional/smooth-loss.js";
import type { Reduction } from "./functional/loss.js";
import { Module } from "./module.js";

/**
 * Averages d² / (2 · beta) where |d| < beta and |d| - beta / 2 elsewhere, d = input - target. Same as torch.nn.SmoothL1Loss.
 *
 * @throws ValueError for a beta below 0.
 *
 * @example
 * new SmoothL1Loss({ beta: 0.5 }).forward(tensor([0, 3]), tensor([0.25, 0])); // tensor(1.4062)
 */
export class SmoothL1Loss extends Module {
  readonly reduction: Reduction;
  readonly beta: number;

  constructor(options: SmoothL1LossOptions = {}) {
    super();
    const settings = checkSmoothL1("SmoothL1Loss", options);
    this.reduction = settings.reduction;
    this.beta = settings.beta;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { reduction, beta } = this;
    return smoothL1Loss(input, target, { reduction, beta });
  }
}

/**
 * Averages d² / 2 where |d| < delta and delta · (|d| - delta / 2) elsewhere, d = input - target. Same as torch.nn.HuberLoss.
 *
 * @throws ValueError for a delta that is not above 0.
 *
 * @example
 * new HuberLoss().forward(tensor([0, 3]), tensor([0.5, 0])); // tensor(1.3125)
 */
export class HuberLoss extends Module {
  readonly reduction: Reduction;
  readonly delta: number;

  constructor(options: HuberLossOptions = {}) {
    super();
    const settings = checkHuber("HuberLoss", options);
    this.reduction = settings.reduction;
    this.delta = settings.delta;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { reduction, delta } = this;
    return huberLoss(input, target, { reduction, delta });
  }
}
