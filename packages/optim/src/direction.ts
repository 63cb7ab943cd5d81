import type { Tensor } from "@downhill/core";
import { advance, live } from "./param-state.js";

/** What decides which way a gradient leads. */
interface Heading {
  weightDecay: number;
  maximize: boolean;
  decoupledWeightDecay?: boolean;
}

/** The direction to step against: the gradient, its negative to go uphill, and the L2 penalty's gradient added to it. */
export function directionOf(param: Tensor, grad: Tensor, group: Heading): Tensor {
  const direction = group.maximize ? grad.neg() : grad;
  if (group.weightDecay === 0 || group.decoupledWeightDecay === true) return direction;
  return direction.add(param.mul(live(param, () => group.weightDecay)));
}

/** What decides whether a value decays by itself: a group without the last has no other decay. */
interface Decay {
  lr: number;
  weightDecay: number;
  decoupledWeightDecay?: boolean;
}

/** `param` after decoupled weight decay: w · (1 - lr · weightDecay). */
export function decayed(param: Tensor, group: Decay): Tensor {
  if (group.weightDecay === 0 || group.decoupledWeightDecay === false) return param;
  return param.mul(live(param, () => 1 - group.lr * group.weightDecay));
}

/** Advances a running average of `x`: a ← kept · a + (1 - kept) · x, of x · `times` where that is given. */
export function average(variable: Tensor, x: Tensor, kept: () => number, times?: Tensor): Tensor {
  const share = x.mul(live(variable, () => 1 - kept()));
  const fresh = times === undefined ? share : share.mul(times);
  return advance(variable, variable.mul(live(variable, kept)).add(fresh));
}
