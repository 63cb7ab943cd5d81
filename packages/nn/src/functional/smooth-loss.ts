import type { Tensor } from "@downhill/core";
import { checkOptions, composite } from "@downhill/core/engine";
import { checkNotNegative, checkPositive } from "../option-checks.js";
import { checkPair, checkReduction, type LossOptions, reduceLoss } from "./loss.js";

/** The options of `SmoothL1Loss`. */
export interface SmoothL1LossOptions extends LossOptions {
  /** Below it the loss is square. 0 gives the mean absolute error. Default 1. */
  readonly beta?: number;
}

/** The options of `HuberLoss`. */
export interface HuberLossOptions extends LossOptions {
  /** Below it the loss is square. Default 1. */
  readonly delta?: number;
}

/** Checks the options of the function or of its module, and fills in their defaults. */
export function checkSmoothL1(where: string, options: SmoothL1LossOptions = {}): Required<SmoothL1LossOptions> {
  checkOptions(where, options, ["beta", "reduction"]);
  const reduction = checkReduction(where, options.reduction);
  return { reduction, beta: checkNotNegative(where, "beta", options.beta, 1) };
}

/** Checks the options of the function or of its module, and fills in their defaults. */
export function checkHuber(where: string, options: HuberLossOptions = {}): Required<HuberLossOptions> {
  checkOptions(where, options, ["delta", "reduction"]);
  const reduction = checkReduction(where, options.reduction);
  return { reduction, delta: checkPositive(where, "delta", options.delta, 1) };
}

/** The square near 0 and the distance beyond; clamped, so that no branch overflows and the second derivative holds at 0. */
function smooth(difference: Tensor, bound: number, square: number, slope: number): Tensor {
  const near = difference.clamp(-bound, bound);
  return near.square().mul(square).add(difference.abs().sub(near.abs()).mul(slope));
}

/**
 * Averages d² / (2 · beta) where |d| < beta and |d| - beta / 2 elsewhere, d = input - target. Same as
 * torch.nn.functional.smooth_l1_loss.
 *
 * @throws ShapeError when the shapes do not broadcast (warns where they do but differ); ValueError for a beta below 0.
 *
 * @example
 * functional.smoothL1Loss(tensor([0, 3]), tensor([0.5, 0])); // tensor(1.3125)
 */
export const smoothL1Loss: (input: Tensor, target: Tensor, options?: SmoothL1LossOptions) => Tensor =
  /* @__PURE__ */ composite((input: Tensor, target: Tensor, options?: SmoothL1LossOptions) => {
    const { reduction, beta } = checkSmoothL1("smoothL1Loss", options);
    checkPair("smoothL1Loss", input, target);
    const difference = input.sub(target);
    return reduceLoss(beta === 0 ? difference.abs() : smooth(difference, beta, 0.5 / beta, 1), reduction);
  }, "smoothL1Loss");

/**
 * Averages d² / 2 where |d| < delta and delta · (|d| - delta / 2) elsewhere, d = input - target. Same as
 * torch.nn.functional.huber_loss.
 *
 * @throws ShapeError when the shapes do not broadcast (warns where they do but differ); ValueError for a delta that is
 * not above 0.
 *
 * @example
 * functional.huberLoss(tensor([0, 3]), tensor([0.5, 0]), { delta: 2 }); // tensor(2.0625)
 */
export const huberLoss: (input: Tensor, target: Tensor, options?: HuberLossOptions) => Tensor =
  /* @__PURE__ */ composite((input: Tensor, target: Tensor, options?: HuberLossOptions) => {
    const { reduction, delta } = checkHuber("huberLoss", options);
    checkPair("huberLoss", input, target);
    return reduceLoss(smooth(input.sub(target), delta, 0.5, delta), reduction);
  }, "huberLoss");
