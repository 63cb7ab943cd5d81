import { type Tensor, where } from "@downhill/core";
import { average, decayed, directionOf } from "./direction.js";
import { Optimizer } from "./optimizer.js";
import type { ParamGroup, Params } from "./param-group.js";
import { countStep, live, type ParamState, type StateKinds, variable } from "./param-state.js";
import { checkBetas, checkEach, checkFlag, checkNonNegative } from "./setting-checks.js";

/** The settings of a group of RAdam. */
export interface RAdamGroup {
  /** Learning rate. Default 1e-3. */
  lr: number;
  /** How much of the running averages of the gradient and of its square stays at each step. Default [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Added to the root, so that nothing is divided by 0. Default 1e-8. */
  eps: number;
  /** L2 penalty: added to the gradient, times the value. Default 0. */
  weightDecay: number;
  /** Let the weight decay stay out of the averages, as AdamW does. Default false. */
  decoupledWeightDecay: boolean;
  /** Go uphill. Default false. */
  maximize: boolean;
}

/** What `new RAdam` takes beside its tensors. */
export type RAdamOptions = Readonly<Partial<RAdamGroup>>;

/** What RAdam remembers for a tensor. */
export interface RAdamState extends ParamState {
  step?: number;
  expAvg?: Tensor;
  expAvgSq?: Tensor;
}

/** How far the average of squares is to be trusted at a step: 0 while too few of them are in it. */
function rectification(step: number, beta: number): number {
  const most = 2 / (1 - beta) - 1;
  const length = most - (2 * step * beta ** step) / (1 - beta ** step);
  if (length <= 5) return 0;
  return Math.sqrt(((length - 4) * (length - 2) * most) / ((most - 4) * (most - 2) * length));
}

/**
 * Adam that warms up by itself: while the average of squares covers too few steps (ρ ≤ 5), w ← w - lr · m̂; later
 * w ← w - lr · m̂ · √(1 - β₂ᵗ) / (√v + eps) · r, with r = √((ρ - 4)(ρ - 2)ρ∞ / ((ρ∞ - 4)(ρ∞ - 2)ρ)),
 * ρ∞ = 2 / (1 - β₂) - 1, ρ = ρ∞ - 2t · β₂ᵗ / (1 - β₂ᵗ) and m̂ = m / (1 - β₁ᵗ). Same as torch.optim.RAdam.
 * After Liu et al., "On the variance of the adaptive learning rate and beyond", https://arxiv.org/abs/1908.03265.
 *
 * @example
 * const optimizer = new RAdam(model.parameters(), { lr: 1e-3 });
 */
export class RAdam extends Optimizer<RAdamGroup, RAdamState> {
  protected override readonly stateKinds: StateKinds<RAdamState> = {
    step: "number",
    expAvg: "tensor",
    expAvgSq: "tensor",
  };
  protected override readonly live: readonly string[] = ["lr", "betas", "eps", "weightDecay", "step"];

  constructor(params: Params<RAdamGroup>, options: RAdamOptions = {}) {
    super(
      params,
      { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, decoupledWeightDecay: false, maximize: false },
      options,
    );
  }

  protected override check(group: Readonly<RAdamGroup>): void {
    checkEach(this, group, checkNonNegative, "lr", "eps", "weightDecay");
    checkBetas(this, "betas", group.betas);
    checkEach(this, group, checkFlag, "decoupledWeightDecay", "maximize");
  }

  protected override update(param: Tensor, grad: Tensor, state: RAdamState, group: ParamGroup<RAdamGroup>): Tensor {
    const number = (read: () => number): Tensor => live(param, read);
    const direction = directionOf(param, grad, group);
    countStep(state);
    const expAvg = average(variable(state, "expAvg", param), direction, () => group.betas[0]);
    const expAvgSq = average(variable(state, "expAvgSq", param), direction, () => group.betas[1], direction);
    const mean = expAvg.div(number(() => 1 - group.betas[0] ** state.step!)).mul(number(() => group.lr));
    const trust = number(() => rectification(state.step!, group.betas[1]));
    const scale = expAvgSq.sqrt().add(number(() => group.eps));
    const adaptive = mean.mul(scale.reciprocal().mul(number(() => Math.sqrt(1 - group.betas[1] ** state.step!))));
    // Both in one kernel, so that all steps are one Program.
    return decayed(param, group).sub(where(trust.gt(0), adaptive.mul(trust), mean));
  }
}
