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
  if (sameShape(input.shape, target.shape)) return;
  broadcast(where, input.shape, target.shape);
  const message = `${where}: the input has shape ${text(input.shape)}, the target ${text(target.shape)}. They broadcast, which is likely to give a wrong loss; make them equal.`;
  if (warned.has(message)) return;
  warned.add(message);
  console.warn(message); // eslint-disable-line no-console -- it is for people
}

type PairLoss = (input: Tensor, target: Tensor, options?: LossOptions) => Tensor;

/** A loss of each pair of an input's and a target's elements. */
const pairLoss = (where: string, loss: (difference: Tensor) => Tensor): PairLoss =>
  composite((input: Tensor, target: Tensor, options: LossOptions = {}) => {
    checkTensor(where, input);
    checkTensor(where, target);
    checkOptions(where, options, ["reduction"]);
    const reduction = checkReduction(where, options.reduction);
    if (input.dtype !== "float32") checkFloat(where, input);
    if (target.dtype === "bool")
      throw new DTypeError(`${where}: the target is bool`, 'convert it with target.to("float32")');
    checkShapes(where, input, target);
    return reduceLoss(loss(input.sub(target)), reduction);
  });

/**
 * Averages (input - target)². Same as torch.nn.functional.mse_loss.
 *
 * @throws ShapeError when the shapes do not broadcast. Warns where they do but differ.
 *
 * @example
 * functional.mseLoss(tensor([1, 2]), tensor([1, 4])); // tensor(2.)
 */
export const mseLoss: PairLoss = pairLoss("mseLoss", (difference) => difference.square());

/**
 * Averages |input - target|. Same as torch.nn.functional.l1_loss.
 *
 * @throws ShapeError when the shapes do not broadcast. Warns where they do but differ.
 */
export const l1Loss: PairLoss = pairLoss("l1Loss", (difference) => difference.abs());
