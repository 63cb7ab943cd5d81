import type { Tensor } from "@downhill/core";
import { average, directionOf } from "./direction.js";
import { Optimizer } from "./optimizer.js";
import type { ParamGroup, Params } from "./param-group.js";
import { countStep, live, type ParamState, type StateKinds, variable } from "./param-state.js";
import { checkBetween, checkEach, checkFlag, checkNonNegative } from "./setting-checks.js";

/** The settings of a group of Adadelta. */
export interface AdadeltaGroup {
  /** What the step is multiplied by. Default 1. */
  lr: number;
  /** How much of the running averages stays at each step. Default 0.9. */
  rho: number;
  /** Added under both roots, so that the first step is above 0. Default 1e-6. */
  eps: number;
  /** L2 penalty: added to the gradient, times the value. Default 0. */
  weightDecay: number;
  /** Go uphill. Default false. */
  maximize: boolean;
}

/** What `new Adadelta` takes beside its tensors. */
export type AdadeltaOptions = Readonly<Partial<AdadeltaGroup>>;

/** What Adadelta remembers for a tensor. */
export interface AdadeltaState extends ParamState {
  step?: number;
  squareAvg?: Tensor;
  accDelta?: Tensor;
}

/**
 * Adadelta: v ← rho · v + (1 - rho) · g², d = √(u + eps) / √(v + eps) · g, u ← rho · u + (1 - rho) · d², and
 * w ← w - lr · d. Same as torch.optim.Adadelta. After Zeiler, https://arxiv.org/abs/1212.5701.
 *
 * @example
 * const optimizer = new Adadelta(model.parameters(), { rho: 0.95 });
 */
export class Adadelta extends Optimizer<AdadeltaGroup, AdadeltaState> {
  protected override readonly stateKinds: StateKinds<AdadeltaState> = {
    step: "number",
    squareAvg: "tensor",
    accDelta: "tensor",
  };
  protected override readonly live: readonly string[] = ["lr", "rho", "eps", "weightDecay", "step"];

  constructor(params: Params<AdadeltaGroup>, options: AdadeltaOptions = {}) {
    super(params, { lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0, maximize: false }, options);
  }

  protected override check(group: Readonly<AdadeltaGroup>): void {
    checkEach(this, group, checkNonNegative, "lr", "eps", "weightDecay");
    checkBetween(this, "rho", group.rho, 0, 1);
    checkFlag(this, "maximize", group.maximize);
  }

  protected override update(
    param: Tensor,
    grad: Tensor,
    state: AdadeltaState,
    group: ParamGroup<AdadeltaGroup>,
  ): Tensor {
    const direction = directionOf(param, grad, group);
    const eps = live(param, () => group.eps);
    const kept = (): number => group.rho;
    countStep(state);
    const squareAvg = average(variable(state, "squareAvg", param), direction, kept, direction);
    const accDelta = variable(state, "accDelta", param);
    const delta = accDelta.add(eps).sqrt().div(squareAvg.add(eps).sqrt()).mul(direction);
    average(accDelta, delta, kept, delta);
    return param.sub(delta.mul(live(param, () => group.lr)));
  }
}
