import { DTypeError, type Tensor } from "@downhill/core";
import {
  broadcast,
  checkFloat,
  checkOptions,
  checkTensor,
  composite,
  sameShape,
  show,
  text,
  ValueError,
} from "@downhill/core/engine";

/** How a loss over many elements becomes one number: their mean, their sum, or not at all. */
export type Reduction = "mean" | "sum" | "none";

/** The option of losses that only reduce. */
export interface LossOptions {
  /** Default "mean". */
  readonly reduction?: Reduction;
}

/** Checks a reduction; left out it is "mean". */
export function checkReduction(where: string, reduction: unknown = "mean"): Reduction {
  if (reduction === "mean" || reduction === "sum" || reduction === "none") return reduction;
  throw new ValueError(`${where}: reduction must be "mean", "sum" or "none", got ${show(reduction)}`);
}

export function reduceLoss(loss: Tensor, reduction: Reduction): Tensor {
  return reduction === "mean" ? loss.mean() : reduction === "sum" ? loss.sum() : loss;
}

const warned = new Set<string>();

/** Checks that shapes broadcast, and says once per pair that they do, which in a loss is nearly always a mistake. */
function checkShapes(where: string, input: Tensor, target: Tensor): void {
  if (!sameShape(input.shape, target.shape)) warn(where, input, target);
}

function warn(where: string, input: Tensor, target: Tensor): void {
  broadcast(where, input.shape, target.shape);
  const message = `${where}: the input has shape ${text(input.shape)}, the target ${text(target.shape)}. They broadcast, which is likely to give a wrong loss; make them equal.`;
  if (warned.has(message)) return;
  warned.add(message);
  console.warn(message); // eslint-disable-line no-console -- it is for people
}

/** Checks a float input and a target of numbers; their shapes should be equal. */
export function checkPair(where: string, input: Tensor, target: Tensor): void {
  checkTensor(where, input);
  checkTensor(where, target);
  if (input.dtype !== "float32") checkFloat(where, input);
  if (target.dtype === "bool")
    throw new DTypeError(`${where}: the target is bool`, 'convert it with target.to("float32")');
  checkShapes(where, input, target);
}

type PairLoss = (input: Tensor, target: Tensor, options?: LossOptions) => Tensor;

/** As a module calls it: without options to look through. */
type ReducedLoss = (input: Tensor, target: Tensor, reduction?: Reduction) => Tensor;

/** A loss of each pair of an input's and a target's elements, which is a function of their difference. */
/* @__NO_SIDE_EFFECTS__ */
const reducedLoss = (where: string, loss: (difference: Tensor) => Tensor): ReducedLoss =>
  composite((input: Tensor, target: Tensor, given?: Reduction) => {
    const reduction = checkReduction(where, given);
    checkPair(where, input, target);
    return reduceLoss(loss(input.sub(target)), reduction);
  }, where);

/* @__NO_SIDE_EFFECTS__ */
const pairLoss =
  (where: string, loss: ReducedLoss): PairLoss =>
  (input, target, options) => {
    checkTensor(where, input);
    checkTensor(where, target);
    checkOptions(where, options, ["reduction"]);
    return loss(input, target, options?.reduction);
  };

/** @internal */
export const squaredLoss: ReducedLoss = reducedLoss("mseLoss", (difference) => difference.square());
/** @internal */
export const absoluteLoss: ReducedLoss = reducedLoss("l1Loss", (difference) => difference.abs());

/**
 * Averages (input - target)². Same as torch.nn.functional.mse_loss.
 *
 * @throws ShapeError when the shapes do not broadcast. Warns where they do but differ.
 *
 * @example
 * functional.mseLoss(tensor([1, 2]), tensor([1, 4])); // tensor(2.)
 */
export const mseLoss: PairLoss = pairLoss("mseLoss", squaredLoss);

/**
 * Averages |input - target|. Same as torch.nn.functional.l1_loss.
 *
 * @throws ShapeError when the shapes do not broadcast. Warns where they do but differ.
 */
export const l1Loss: PairLoss = pairLoss("l1Loss", absoluteLoss);
