import type { Tensor } from "@downhill/core";
import { average, directionOf } from "./direction.js";
import { Optimizer } from "./optimizer.js";
import type { ParamGroup, Params } from "./param-group.js";
import { advance, countStep, live, type ParamState, type StateKinds, variable } from "./param-state.js";
import { checkBetas, checkEach, checkFlag, checkNonNegative } from "./setting-checks.js";

/** The settings of a group of Adamax. */
export interface AdamaxGroup {
  /** Learning rate. Default 2e-3. */
  lr: number;
  /** How much of the average of the gradient and of its greatest size stays at each step. Default [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Added to the gradient's size, so that nothing is divided by 0. Default 1e-8. */
  eps: number;
  /** L2 penalty: added to the gradient, times the value. Default 0. */
  weightDecay: number;
  /** Go uphill. Default false. */
  maximize: boolean;
}

/** What `new Adamax` takes beside its tensors. */
export type AdamaxOptions = Readonly<Partial<AdamaxGroup>>;

/** What Adamax remembers for a tensor. */
export interface AdamaxState extends ParamState {
  step?: number;
  expAvg?: Tensor;
  expInf?: Tensor;
}

/**
 * Adam with the greatest size of the gradient in the place of its root mean square: m ← β₁ · m + (1 - β₁) · g,
 * u ← max(β₂ · u, |g| + eps), and at step t w ← w - lr / (1 - β₁ᵗ) · m / u. Same as torch.optim.Adamax.
 * After Kingma and Ba, https://arxiv.org/abs/1412.6980, section 7.
 *
 * @example
 * const optimizer = new Adamax(model.parameters(), { lr: 2e-3 });
 */
export class Adamax extends Optimizer<AdamaxGroup, AdamaxState> {
  protected override readonly stateKinds: StateKinds<AdamaxState> = {
    step: "number",
    expAvg: "tensor",
    expInf: "tensor",
  };
  protected override readonly live: readonly string[] = ["lr", "betas", "eps", "weightDecay", "step"];

  constructor(params: Params<AdamaxGroup>, options: AdamaxOptions = {}) {
    super(params, { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, maximize: false }, options);
  }

  protected override check(group: Readonly<AdamaxGroup>): void {
    checkEach(this, group, checkNonNegative, "lr", "eps", "weightDecay");
    checkBetas(this, "betas", group.betas);
    checkFlag(this, "maximize", group.maximize);
  }

  protected override update(param: Tensor, grad: Tensor, state: AdamaxState, group: ParamGroup<AdamaxGroup>): Tensor {
    const number = (read: () => number): Tensor => live(param, read);
    const direction = directionOf(param, grad, group);
    countStep(state);
    const expAvg = average(variable(state, "expAvg", param), direction, () => group.betas[0]);
    const expInf = variable(state, "expInf", param);
    const size = direction.abs().add(number(() => group.eps));
    advance(expInf, expInf.mul(number(() => group.betas[1])).maximum(size));
    const rate = number(() => group.lr / (1 - group.betas[0] ** state.step!));
    return param.sub(expAvg.mul(rate).div(expInf));
  }
}
