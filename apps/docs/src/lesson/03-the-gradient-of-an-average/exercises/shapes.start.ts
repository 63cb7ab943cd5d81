import type { Tensor } from "@downhill/core";

/** The mean squared error of predictions of shape [n, 1], as a linear layer makes them, for targets of shape [n]. */
export function loss(predictions: Tensor, targets: Tensor): Tensor {
  return targets.sub(predictions).square().mean();
}
