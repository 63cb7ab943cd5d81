import { type Tensor, where } from "@downhill/core";
import { broadcast, checkFloat, checkOptions, composite, checkTensor, show, ValueError } from "@downhill/core/engine";
import { checkNotNegative, checkNumber, checkPositive, checkSwitch } from "../option-checks.js";
import { distance, pairwiseDistance } from "./distance.js";
import { checkReduction, type LossOptions, reduceLoss, type Reduction } from "./loss.js";
import { checkMargin, type MarginRankingLossOptions } from "./margin-loss.js";

/** The options of `TripletMarginLoss`. */
export interface TripletMarginLossOptions extends LossOptions {
  /** How much nearer the positive should be than the negative. Default 1. */
  readonly margin?: number;
  /** Which norm. Default 2. */
  readonly p?: number;
  /** Added to each difference. Default 1e-6. */
  readonly eps?: number;
  /** Take the negative's distance from the positive where that is less (Balntas et al., 2016). Default false. */
  readonly swap?: boolean;
}

type Apart = (x1: Tensor, x2: Tensor) => Tensor;

/** How far apart two batches of vectors are, one number per pair: a function or a module. */
export type Distance = Apart | { readonly forward: Apart };

/** The options of `TripletMarginWithDistanceLoss`. */
export interface TripletMarginWithDistanceLossOptions extends LossOptions {
  /** Default `pairwiseDistance`. */
  readonly distanceFunction?: Distance | null;
  /** How much nearer the positive should be than the negative. Default 1. */
  readonly margin?: number;
  /** Take the negative's distance from the positive where that is less. Default false. */
  readonly swap?: boolean;
}

/** The options of `CosineEmbeddingLoss`. */
export type CosineEmbeddingLossOptions = MarginRankingLossOptions;

/** Checks the options of the function or of its module, and fills in their defaults. */
export function checkTriplet(name: string, options: TripletMarginLossOptions = {}): Required<TripletMarginLossOptions> {
  checkOptions(name, options, ["margin", "p", "eps", "swap", "reduction"]);
  return {
    margin: checkNumber(name, "margin", options.margin, 1),
    p: checkNumber(name, "p", options.p, 2),
    eps: checkNotNegative(name, "eps", options.eps, 1e-6),
    swap: checkSwitch(name, "swap", options.swap, false),
    reduction: checkReduction(name, options.reduction),
  };
}

/** Checks the options of the function or of its module, and fills in their defaults. */
export function checkTripletDistance(
  name: string,
  options: TripletMarginWithDistanceLossOptions = {},
): { distanceFunction: Distance; margin: number; swap: boolean; reduction: Reduction } {
  checkOptions(name, options, ["distanceFunction", "margin", "swap", "reduction"]);
  const distanceFunction: Distance = options.distanceFunction ?? ((x1, x2) => pairwiseDistance(x1, x2));
  if (typeof distanceFunction !== "function" && typeof distanceFunction.forward !== "function")
    throw new ValueError(`${name}: distanceFunction must be a function or a module, got ${show(distanceFunction)}`);
  return {
    distanceFunction,
    margin: checkPositive(name, "margin", options.margin, 1),
    swap: checkSwitch(name, "swap", options.swap, false),
    reduction: checkReduction(name, options.reduction),
  };
}

function checkThree(name: string, anchor: Tensor, positive: Tensor, negative: Tensor): void {
  for (const x of [anchor, positive, negative]) checkFloat(name, x);
  broadcast(name, broadcast(name, anchor.shape, positive.shape), negative.shape);
}

function tripletLoss(
  three: readonly [anchor: Tensor, positive: Tensor, negative: Tensor],
  apart: Apart,
  { margin, swap, reduction }: { margin: number; swap: boolean; reduction: Reduction },
): Tensor {
  const [anchor, positive, negative] = three;
  const far = apart(anchor, negative);
  const nearer = swap ? far.minimum(apart(positive, negative)) : far;
  return reduceLoss(apart(anchor, positive).sub(nearer).add(margin).clampMin(0), reduction);
}

/**
 * Averages max(0, d(anchor, positive) - d(anchor, negative) + margin) over vectors [D] or [N, D], with
 * d(a, b) = ‖a - b + eps‖ₚ. Same as torch.nn.functional.triplet_margin_loss.
 *
 * @throws ShapeError when the shapes do not broadcast.
 *
 * @example
 * functional.tripletMarginLoss(tensor([[0, 0]]), tensor([[3, 4]]), tensor([[0, 2]])); // tensor(4.0000)
 */
export const tripletMarginLoss: (
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options?: TripletMarginLossOptions,
) => Tensor = /* @__PURE__ */ composite(
  (anchor: Tensor, positive: Tensor, negative: Tensor, options?: TripletMarginLossOptions) => {
    const settings = checkTriplet("tripletMarginLoss", options);
    checkThree("tripletMarginLoss", anchor, positive, negative);
    const apart = (x1: Tensor, x2: Tensor): Tensor => distance(x1, x2, { ...settings, keepdim: false });
    return tripletLoss([anchor, positive, negative], apart, settings);
  },
  "tripletMarginLoss",
);

/**
 * Averages max(0, d(anchor, positive) - d(anchor, negative) + margin) with a distance d of one's own. Same as
 * torch.nn.functional.triplet_margin_with_distance_loss.
 *
 * @example
 * const distanceFunction = (a: Tensor, b: Tensor): Tensor => functional.cosineSimilarity(a, b).neg().add(1);
 * const [a, p, n] = [tensor([[1, 0]]), tensor([[0, 1]]), tensor([[1, 0]])];
 * functional.tripletMarginWithDistanceLoss(a, p, n, { distanceFunction }); // tensor(2.)
 */
export const tripletMarginWithDistanceLoss: (
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options?: TripletMarginWithDistanceLossOptions,
) => Tensor = /* @__PURE__ */ composite(
  (anchor: Tensor, positive: Tensor, negative: Tensor, options?: TripletMarginWithDistanceLossOptions) => {
    const settings = checkTripletDistance("tripletMarginWithDistanceLoss", options);
    checkThree("tripletMarginWithDistanceLoss", anchor, positive, negative);
    const { distanceFunction } = settings;
    const apart: Apart =
      typeof distanceFunction === "function" ? distanceFunction : (x1, x2) => distanceFunction.forward(x1, x2);
    return tripletLoss([anchor, positive, negative], apart, settings);
  },
);

/** Added to squared lengths; PyTorch's is a float32. */
const EPSILON = 9.999999960041972e-13;

/**
 * Averages 1 - cos(x1, x2) where target is 1 and max(0, cos(x1, x2) - margin) where it is -1, over vectors [D] or [N, D]
 * and targets [] or [N]. Same as torch.nn.functional.cosine_embedding_loss.
 *
 * @throws ShapeError when the shapes do not broadcast.
 *
 * @example
 * const [x1, x2] = [tensor([[1, 0], [1, 1]]), tensor([[0, 1], [1, 1]])];
 * functional.cosineEmbeddingLoss(x1, x2, tensor([1, -1])); // tensor(1.)
 */
export const cosineEmbeddingLoss: (
  x1: Tensor,
  x2: Tensor,
  target: Tensor,
  options?: CosineEmbeddingLossOptions,
) => Tensor = /* @__PURE__ */ composite(
  (x1: Tensor, x2: Tensor, target: Tensor, options?: CosineEmbeddingLossOptions) => {
    const { margin, reduction } = checkMargin("cosineEmbeddingLoss", options, 0);
    checkFloat("cosineEmbeddingLoss", x1);
    checkFloat("cosineEmbeddingLoss", x2);
    checkTensor("cosineEmbeddingLoss", target);
    const shape = broadcast("cosineEmbeddingLoss", x1.shape, x2.shape);
    broadcast("cosineEmbeddingLoss", shape.slice(0, -1), target.shape);
    const length = (x: Tensor): Tensor => x.square().sum(-1).add(EPSILON).sqrt();
    const cosine = x1
      .mul(x2)
      .sum(-1)
      .div(length(x1).mul(length(x2)));
    const unlike = where(target.eq(-1), cosine.sub(margin).clampMin(0), 0);
    return reduceLoss(where(target.eq(1), cosine.neg().add(1), unlike), reduction);
  },
  "cosineEmbeddingLoss",
);
