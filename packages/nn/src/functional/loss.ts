import { DownhillError, type Tensor } from "@downhill/core";
import { checkOptions, composite, show, text } from "@downhill/core/engine";

/** How a loss over many elements becomes one number: their mean, their sum, or not at all. */
export type Reduction = "mean" | "sum" | "none";

export interface LossOptions {
  /** Default "mean". */
  readonly reduction?: Reduction;
}

export function reduceLoss(where: string, loss: Tensor, reduction: Reduction = "mean"): Tensor {
  if (reduction === "mean") return loss.mean();
  if (reduction === "sum") return loss.sum();
  if (reduction === "none") return loss;
  throw new DownhillError(`${where}: reduction must be "mean", "sum" or "none", got ${show(reduction)}`);
}

const warned = new Set<string>();

/** Says once per pair of shapes that they broadcast, which in a loss is nearly always a mistake. */
function checkSameShape(where: string, input: Tensor, target: Tensor): void {
  const [a, b] = [text(input.shape), text(target.shape)];
  if (a === b || warned.has(where + a + b)) return;
  warned.add(where + a + b);
  console.warn(`${where}: the input has shape ${a}, the target ${b}. They broadcast, which is likely to give a wrong loss; make them equal.`);
}

type PairLoss = (input: Tensor, target: Tensor, options?: LossOptions) => Tensor;

/** Averages (input - target)². Same as F.mse_loss. */
export const mseLoss: PairLoss = composite((input: Tensor, target: Tensor, options: LossOptions = {}) => {
  checkOptions("mseLoss", options, ["reduction"]);
  checkSameShape("mseLoss", input, target);
  return reduceLoss("mseLoss", input.sub(target).square(), options.reduction);
});

/** Averages |input - target|. Same as F.l1_loss. */
export const l1Loss: PairLoss = composite((input: Tensor, target: Tensor, options: LossOptions = {}) => {
  checkOptions("l1Loss", options, ["reduction"]);
  checkSameShape("l1Loss", input, target);
  return reduceLoss("l1Loss", input.sub(target).abs(), options.reduction);
});
