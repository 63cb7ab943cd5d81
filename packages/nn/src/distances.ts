import type { Tensor } from "@downhill/core";
import {
  checkDistance,
  checkSimilarity,
  cosineSimilarity,
  type CosineSimilarityOptions,
  pairwiseDistance,
  type PairwiseDistanceOptions,
} from "./functional/distance.js";
import { Module } from "./module.js";

/**
 * Computes the p-norm of x1 - x2 + eps over the last dim. Same as torch.nn.PairwiseDistance.
 *
 * @example
 * new PairwiseDistance().forward(tensor([[3, 4]]), tensor([[0, 0]])); // tensor([5.0000])
 */
export class PairwiseDistance extends Module {
  readonly p: number;
  readonly eps: number;
  readonly keepdim: boolean;

  constructor(options: PairwiseDistanceOptions = {}) {
    super();
    const settings = checkDistance("PairwiseDistance", options);
    this.p = settings.p;
    this.eps = settings.eps;
    this.keepdim = settings.keepdim;
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    const { p, eps, keepdim } = this;
    return pairwiseDistance(x1, x2, { p, eps, keepdim });
  }
}

/**
 * Computes the cosine of the angle between vectors along a dim. Same as torch.nn.CosineSimilarity.
 *
 * @example
 * new CosineSimilarity().forward(tensor([[3, 4]]), tensor([[4, 3]])); // tensor([0.9600])
 */
export class CosineSimilarity extends Module {
  readonly dim: number;
  readonly eps: number;

  constructor(options: CosineSimilarityOptions = {}) {
    super();
    const settings = checkSimilarity("CosineSimilarity", options);
    this.dim = settings.dim;
    this.eps = settings.eps;
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    const { dim, eps } = this;
    return cosineSimilarity(x1, x2, { dim, eps });
  }
}
