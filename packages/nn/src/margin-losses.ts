import type { Tensor } from "@downhill/core";
import { checkOptions } from "@downhill/core/engine";
import {
  checkMargin,
  checkMultiMargin,
  hingeEmbeddingLoss,
  type HingeEmbeddingLossOptions,
  marginRankingLoss,
  type MarginRankingLossOptions,
  multilabelMarginLoss,
  multiMarginLoss,
  type MultiMarginLossOptions,
} from "./functional/margin-loss.js";
import { checkReduction, type LossOptions, type Reduction } from "./functional/loss.js";
import { Module } from "./module.js";

/**
 * Averages input where target is 1 and max(0, margin - input) where it is -1: the input is a distance of like or unlike
 * pairs. Same as torch.nn.HingeEmbeddingLoss.
 *
 * @example
 * new HingeEmbeddingLoss().forward(tensor([0.2, 0.4]), tensor([1, -1])); // tensor(0.4000)
 */
export class HingeEmbeddingLoss extends Module {
  readonly margin: number;
  readonly reduction: Reduction;

  constructor(options: HingeEmbeddingLossOptions = {}) {
    super();
    const settings = checkMargin("HingeEmbeddingLoss", options, 1);
    this.margin = settings.margin;
    this.reduction = settings.reduction;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { margin, reduction } = this;
    return hingeEmbeddingLoss(input, target, { margin, reduction });
  }
}

/**
 * Averages max(0, -target · (x1 - x2) + margin): with target 1, x1 should rank above x2, with -1 below. Same as
 * torch.nn.MarginRankingLoss.
 *
 * @example
 * new MarginRankingLoss().forward(tensor([2, 1]), tensor([1, 3]), tensor([1, 1])); // tensor(1.)
 */
export class MarginRankingLoss extends Module {
  readonly margin: number;
  readonly reduction: Reduction;

  constructor(options: MarginRankingLossOptions = {}) {
    super();
    const settings = checkMargin("MarginRankingLoss", options, 0);
    this.margin = settings.margin;
    this.reduction = settings.reduction;
  }

  override forward(x1: Tensor, x2: Tensor, target: Tensor): Tensor {
    const { margin, reduction } = this;
    return marginRankingLoss(x1, x2, target, { margin, reduction });
  }
}

/**
 * Averages Σⱼ max(0, margin - x[target] + x[j])ᵖ · weight[target] / C over scores [C] or [N, C] and int32 classes [] or
 * [N]. Same as torch.nn.MultiMarginLoss.
 *
 * @example
 * const target = tensor([3], { dtype: "int32" });
 * new MultiMarginLoss().forward(tensor([[0.1, 0.2, 0.4, 0.8]]), target); // tensor(0.3250)
 */
export class MultiMarginLoss extends Module {
  declare weight: Tensor | null;
  readonly p: 1 | 2;
  readonly margin: number;
  readonly reduction: Reduction;
  constructor(options: MultiMarginLossOptions = {}) {
    super();
    const { p, margin, weight, reduction } = checkMultiMargin("MultiMarginLoss", options);
    this.registerBuffer("weight", weight);
    this.p = p;
    this.margin = margin;
    this.reduction = reduction;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { p, margin, weight, reduction } = this;
    return multiMarginLoss(input, target, { p, margin, weight, reduction });
  }
}

/**
 * Averages Σᵢⱼ max(0, 1 - x[target[j]] + x[i]) / C over scores [C] or [N, C]; the int32 target of the same shape lists
 * classes j, up to the first -1. Same as torch.nn.MultiLabelMarginLoss.
 *
 * @example
 * const target = tensor([[3, 0, -1, 1]], { dtype: "int32" });
 * new MultiLabelMarginLoss().forward(tensor([[0.1, 0.2, 0.4, 0.8]]), target); // tensor(0.8500)
 */
export class MultiLabelMarginLoss extends Module {
  readonly reduction: Reduction;
  constructor(options: LossOptions = {}) {
    super();
    checkOptions("MultiLabelMarginLoss", options, ["reduction"]);
    this.reduction = checkReduction("MultiLabelMarginLoss", options.reduction);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return multilabelMarginLoss(input, target, { reduction: this.reduction });
  }
}
