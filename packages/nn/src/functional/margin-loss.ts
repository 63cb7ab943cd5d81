import { DTypeError, oneHot, relu, ShapeError, type Tensor, where } from "@downhill/core";
import {
  checkFloat,
  checkOptions,
  checkTensor,
  composite,
  readAlong,
  sameShape,
  show,
  text,
  ValueError,
} from "@downhill/core/engine";
import { checkNumber } from "../option-checks.js";
import { checkWeights } from "./binary-cross-entropy.js";
import { checkPair, checkReduction, type LossOptions, reduceLoss, type Reduction } from "./loss.js";

/** The options of `HingeEmbeddingLoss`. */
export interface HingeEmbeddingLossOptions extends LossOptions {
  /** How far apart unlike pairs should be. Default 1. */
  readonly margin?: number;
}

/** The options of `MarginRankingLoss`. */
export interface MarginRankingLossOptions extends LossOptions {
  /** How much higher the better one should rank. Default 0. */
  readonly margin?: number;
}

/** The options of `MultiMarginLoss`. */
export interface MultiMarginLossOptions extends LossOptions {
  /** The power of each violation, 1 or 2. Default 1. */
  readonly p?: 1 | 2;
  /** How much the target's score should exceed the others. Default 1. */
  readonly margin?: number;
  /** Weight of each class, [C]. Default: all 1. */
  readonly weight?: Tensor | null;
}

/** Checks the options of the function or of its module, and fills in their defaults. */
export function checkMargin(
  name: string,
  options: HingeEmbeddingLossOptions | undefined,
  implied: number,
): { readonly margin: number; readonly reduction: Reduction } {
  checkOptions(name, options, ["margin", "reduction"]);
  const reduction = checkReduction(name, options?.reduction);
  return { margin: checkNumber(name, "margin", options?.margin, implied), reduction };
}

/** Checks the options of the function or of its module, and fills in their defaults. */
export function checkMultiMargin(name: string, options: MultiMarginLossOptions = {}): Required<MultiMarginLossOptions> {
  checkOptions(name, options, ["p", "margin", "weight", "reduction"]);
  const { p = 1 } = options;
  if (p !== 1 && p !== 2) throw new ValueError(`${name}: p must be 1 or 2, got ${show(p)}`);
  return {
    p,
    margin: checkNumber(name, "margin", options.margin, 1),
    weight: checkWeights(name, "weight", options.weight),
    reduction: checkReduction(name, options.reduction),
  };
}

/**
 * Averages input where target is 1 and max(0, margin - input) where it is -1: the input is a distance of like or unlike
 * pairs. Same as torch.nn.functional.hinge_embedding_loss.
 *
 * @example
 * functional.hingeEmbeddingLoss(tensor([0.2, 0.4]), tensor([1, -1])); // tensor(0.4000)
 */
export const hingeEmbeddingLoss: (input: Tensor, target: Tensor, options?: HingeEmbeddingLossOptions) => Tensor =
  /* @__PURE__ */ composite((input: Tensor, target: Tensor, options?: HingeEmbeddingLossOptions) => {
    const { margin, reduction } = checkMargin("hingeEmbeddingLoss", options, 1);
    checkPair("hingeEmbeddingLoss", input, target);
    const apart = where(target.eq(1), 0, input.neg().add(margin).clampMin(0));
    return reduceLoss(apart.add(where(target.eq(-1), 0, input)), reduction);
  }, "hingeEmbeddingLoss");

/**
 * Averages max(0, -target · (x1 - x2) + margin): with target 1, x1 should rank above x2, with -1 below. Same as
 * torch.nn.functional.margin_ranking_loss.
 *
 * @throws ShapeError when the shapes do not broadcast.
 *
 * @example
 * functional.marginRankingLoss(tensor([2, 1]), tensor([1, 3]), tensor([1, 1])); // tensor(1.)
 */
export const marginRankingLoss: (x1: Tensor, x2: Tensor, target: Tensor, options?: MarginRankingLossOptions) => Tensor =
  /* @__PURE__ */ composite((x1: Tensor, x2: Tensor, target: Tensor, options?: MarginRankingLossOptions) => {
    const { margin, reduction } = checkMargin("marginRankingLoss", options, 0);
    checkPair("marginRankingLoss", x1, x2);
    checkPair("marginRankingLoss", x1, target);
    return reduceLoss(target.neg().mul(x1.sub(x2)).add(margin).clampMin(0), reduction);
  }, "marginRankingLoss");

/** Checks scores [C] or [N, C] and as many int32 classes, and gives both with a batch. */
function checkScores(
  name: string,
  input: Tensor,
  target: Tensor,
  wanted: (shape: readonly number[]) => boolean,
): [Tensor, Tensor] {
  checkFloat(name, input);
  checkTensor(name, target);
  if (input.ndim !== 1 && input.ndim !== 2)
    throw new ShapeError(`${name}: the input must be [C] or [N, C], got shape ${text(input.shape)}`);
  if (!wanted(target.shape))
    throw new ShapeError(
      `${name}: for input ${text(input.shape)} a target of shape ${text(target.shape)} does not fit`,
    );
  if (target.dtype !== "int32" && target.dtype !== "uint8")
    throw new DTypeError(`${name}: classes must be int32, got ${target.dtype}`, 'convert them with target.to("int32")');
  return [input.ndim === 1 ? input.unsqueeze(0) : input, target.to("int32")];
}

/**
 * Averages Σⱼ max(0, margin - x[target] + x[j])ᵖ · weight[target] / C over scores [C] or [N, C] and int32 classes [] or
 * [N], the sum over all classes but the target. Same as torch.nn.functional.multi_margin_loss.
 *
 * @throws IndexError, when the loss is computed, for a class outside 0..C-1.
 *
 * @example
 * functional.multiMarginLoss(tensor([[0.1, 0.2, 0.4, 0.8]]), tensor([3], { dtype: "int32" })); // tensor(0.3250)
 */
export const multiMarginLoss: (input: Tensor, target: Tensor, options?: MultiMarginLossOptions) => Tensor =
  /* @__PURE__ */ composite((input: Tensor, target: Tensor, options?: MultiMarginLossOptions) => {
    const { p, margin, weight, reduction } = checkMultiMargin("multiMarginLoss", options);
    const [scores, classes] = checkScores("multiMarginLoss", input, target, (shape) =>
      input.ndim === 1 ? shape.length === 0 || sameShape(shape, [1]) : sameShape(shape, [input.shape[0]!]),
    );
    const count = scores.shape[1]!;
    if (weight !== null && !sameShape(weight.shape, [count]))
      throw new ShapeError(
        `multiMarginLoss: the weight must have one number per class, [${count}], got shape ${text(weight.shape)}`,
      );
    const flat = classes.reshape([-1]);
    const column = flat.unsqueeze(1);
    const own = readAlong(scores, 1, column, column.shape, { caller: "multiMarginLoss", named: -1 });
    const violation = relu(scores.sub(own).add(margin));
    const powers = p === 1 ? violation : violation.square();
    const sums = powers.maskedFill(oneHot(flat, count).ne(0), 0).sum(1).div(count);
    const weights =
      weight === null ? null : readAlong(weight, 0, flat, flat.shape, { caller: "multiMarginLoss", named: -1 });
    const loss = weights === null ? sums : sums.mul(weights);
    return reduceLoss(input.ndim === 1 ? loss.reshape([]) : loss, reduction);
  }, "multiMarginLoss");

/**
 * Averages Σᵢⱼ max(0, 1 - x[target[j]] + x[i]) / C over scores [C] or [N, C], where j goes over the classes that the int32
 * target of the same shape lists before its first -1, and i over all others. Same as
 * torch.nn.functional.multilabel_margin_loss.
 *
 * @throws IndexError, when the loss is computed, for a class of C or more.
 *
 * @example
 * const target = tensor([[3, 0, -1, 1]], { dtype: "int32" });
 * functional.multilabelMarginLoss(tensor([[0.1, 0.2, 0.4, 0.8]]), target); // tensor(0.8500)
 */
export const multilabelMarginLoss: (input: Tensor, target: Tensor, options?: LossOptions) => Tensor =
  /* @__PURE__ */ composite((input: Tensor, target: Tensor, options: LossOptions = {}) => {
    checkOptions("multilabelMarginLoss", options, ["reduction"]);
    const reduction = checkReduction("multilabelMarginLoss", options.reduction);
    const [scores, given] = checkScores("multilabelMarginLoss", input, target, (shape) =>
      sameShape(shape, input.shape),
    );
    const listed = given.reshape(scores.shape);
    const count = scores.shape[1]!;
    const counts = listed.lt(0).to("int32").cumsum(1).eq(0);
    const classes = where(counts, listed, 0);
    const own = readAlong(scores, 1, classes, scores.shape, { caller: "multilabelMarginLoss", named: -1 });
    const isTarget = oneHot(classes, count).mul(counts.unsqueeze(2).to("int32")).sum(1).ne(0);
    const violation = relu(scores.unsqueeze(1).sub(own.unsqueeze(2)).add(1));
    const pairs = counts.unsqueeze(2).logicalAnd(isTarget.logicalNot().unsqueeze(1));
    const loss = where(pairs, violation, 0).sum([1, 2]).div(count);
    return reduceLoss(input.ndim === 1 ? loss.reshape([]) : loss, reduction);
  });
