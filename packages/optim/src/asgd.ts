import { type Tensor, where } from "@downhill/core";
import { directionOf } from "./direction.js";
import { Optimizer } from "./optimizer.js";
import type { ParamGroup, Params } from "./param-group.js";
import { advance, countStep, live, type ParamState, setNumber, type StateKinds, variable } from "./param-state.js";
import { checkEach, checkFlag, checkNonNegative, checkNumber } from "./setting-checks.js";

/** The settings of a group of ASGD. */
export interface ASGDGroup {
  /** Learning rate of the first step. Default 1e-2. */
  lr: number;
  /** How fast the values decay and the rate falls. Default 1e-4. */
  lambd: number;
  /** The power with which the rate falls. Default 0.75. */
  alpha: number;
  /** The step from which values are averaged. Default 1e6. */
  t0: number;
  /** L2 penalty: added to the gradient, times the value. Default 0. */
  weightDecay: number;
  /** Go uphill. Default false. */
  maximize: boolean;
}

/** What `new ASGD` takes beside its tensors. */
export type ASGDOptions = Readonly<Partial<ASGDGroup>>;

/** What ASGD remembers for a tensor. */
export interface ASGDState extends ParamState {
  step?: number;
  /** The rate of the next step. */
  eta?: number;
  /** How much of the next value goes into the average. */
  mu?: number;
  /** The average of the values. */
  ax?: Tensor;
}

/**
 * Averaged stochastic gradient descent: w ← w · (1 - lambd · η) - η · g with the rate η = lr / (1 + lambd · lr · t)^alpha,
 * and from step t0 on the average of all w in `state.get(w).ax`: that is the result. Same as torch.optim.ASGD.
 * After Polyak and Juditsky, "Acceleration of stochastic approximation by averaging", 1992.
 *
 * @example
 * const optimizer = new ASGD(model.parameters(), { lr: 0.05, t0: 1000 });
 */
export class ASGD extends Optimizer<ASGDGroup, ASGDState> {
  protected override readonly stateKinds: StateKinds<ASGDState> = {
    step: "number",
    eta: "number",
    mu: "number",
    ax: "tensor",
  };
  protected override readonly live: readonly string[] = [
    "lr",
    "lambd",
    "alpha",
    "t0",
    "weightDecay",
    "step",
    "eta",
    "mu",
  ];

  constructor(params: Params<ASGDGroup>, options: ASGDOptions = {}) {
    super(params, { lr: 1e-2, lambd: 1e-4, alpha: 0.75, t0: 1e6, weightDecay: 0, maximize: false }, options);
  }

  protected override check(group: Readonly<ASGDGroup>): void {
    checkEach(this, group, checkNonNegative, "lr", "weightDecay");
    checkEach(this, group, checkNumber, "lambd", "alpha", "t0");
    checkFlag(this, "maximize", group.maximize);
  }

  protected override update(param: Tensor, grad: Tensor, state: ASGDState, group: ParamGroup<ASGDGroup>): Tensor {
    const number = (read: () => number): Tensor => live(param, read);
    const direction = directionOf(param, grad, group);
    countStep(state);
    // PyTorch keeps eta and mu in float32.
    const eta = (): number => state.eta ?? Math.fround(group.lr);
    const next = param.mul(number(() => 1 - group.lambd * eta())).sub(direction.mul(number(eta)));
    const mu = number(() => state.mu ?? 1);
    const ax = variable(state, "ax", param);
    advance(ax, where(mu.eq(1), next, ax.add(next.sub(ax).mul(mu))));
    setNumber(state, "eta", () => Math.fround(group.lr / (1 + group.lambd * group.lr * state.step!) ** group.alpha));
    setNumber(state, "mu", () => Math.fround(1 / Math.max(1, state.step! - group.t0)));
    return next;
  }
}
