import type { Tensor } from "@downhill/core";
import { PairwiseDistance } from "./distances.js";
import {
  checkTriplet,
  checkTripletDistance,
  cosineEmbeddingLoss,
  type CosineEmbeddingLossOptions,
  type Distance,
  tripletMarginLoss,
  type TripletMarginLossOptions,
  tripletMarginWithDistanceLoss,
  type TripletMarginWithDistanceLossOptions,
} from "./functional/embedding-loss.js";
import type { Reduction } from "./functional/loss.js";
import { checkMargin } from "./functional/margin-loss.js";
import { Module } from "./module.js";

/**
 * Averages max(0, d(anchor, positive) - d(anchor, negative) + margin) over vectors [D] or [N, D], with
 * d(a, b) = ‖a - b + eps‖ₚ. Same as torch.nn.TripletMarginLoss.
 *
 * @example
 * new TripletMarginLoss().forward(tensor([[0, 0]]), tensor([[3, 4]]), tensor([[0, 2]])); // tensor(4.0000)
 */
export class TripletMarginLoss extends Module {
  readonly margin: number;
  readonly p: number;
  readonly eps: number;
  readonly swap: boolean;
  readonly reduction: Reduction;

  constructor(options: TripletMarginLossOptions = {}) {
    super();
    const settings = checkTriplet("TripletMarginLoss", options);
    this.margin = settings.margin;
    this.p = settings.p;
    this.eps = settings.eps;
    this.swap = settings.swap;
    this.reduction = settings.reduction;
  }

  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    const { margin, p, eps, swap, reduction } = this;
    return tripletMarginLoss(anchor, positive, negative, { margin, p, eps, swap, reduction });
  }
}

/**
 * Averages max(0, d(anchor, positive) - d(anchor, negative) + margin) with a distance d of one's own. Same as
 * torch.nn.TripletMarginWithDistanceLoss.
 *
 * @example
 * const criterion = new TripletMarginWithDistanceLoss({ distanceFunction: (a, b) => a.sub(b).abs().amax(-1) });
 * criterion.forward(tensor([[0, 0]]), tensor([[3, 4]]), tensor([[0, 2]])); // tensor(3.)
 */
export class TripletMarginWithDistanceLoss extends Module {
  readonly distanceFunction: Distance;
  readonly margin: number;
  readonly swap: boolean;
  readonly reduction: Reduction;

  constructor(options: TripletMarginWithDistanceLossOptions = {}) {
    super();
    const settings = checkTripletDistance("TripletMarginWithDistanceLoss", options);
    this.distanceFunction = options.distanceFunction ?? new PairwiseDistance();
    this.margin = settings.margin;
    this.swap = settings.swap;
    this.reduction = settings.reduction;
  }

  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    const { distanceFunction, margin, swap, reduction } = this;
    return tripletMarginWithDistanceLoss(anchor, positive, negative, { distanceFunction, margin, swap, reduction });
  }
}

/**
 * Averages 1 - cos(x1, x2) where target is 1 and max(0, cos(x1, x2) - margin) where it is -1, over vectors [D] or [N, D]
 * and targets [] or [N]. Same as torch.nn.CosineEmbeddingLoss.
 *
 * @example
 * new CosineEmbeddingLoss().forward(tensor([[1, 0]]), tensor([[0, 1]]), tensor([1])); // tensor(1.)
 */
export class CosineEmbeddingLoss extends Module {
  readonly margin: number;
  readonly reduction: Reduction;

  constructor(options: CosineEmbeddingLossOptions = {}) {
    super();
    const settings = checkMargin("CosineEmbeddingLoss", options, 0);
    this.margin = settings.margin;
    this.reduction = settings.reduction;
  }

  override forward(x1: Tensor, x2: Tensor, target: Tensor): Tensor {
    const { margin, reduction } = this;
    return cosineEmbeddingLoss(x1, x2, target, { margin, reduction });
  }
}
