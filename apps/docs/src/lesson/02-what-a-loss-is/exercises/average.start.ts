import type { Tensor } from "@downhill/core";

/** The mean squared error of n predictions: both of shape [n]. */
export function loss(predictions: Tensor, targets: Tensor): Tensor {
  return targets.sub(predictions).square().sum();
}
