import type { Tensor } from "@downhill/core";
import { average, decayed, directionOf } from "./direction.js";
import { Optimizer } from "./optimizer.js";
import type { ParamGroup, Params } from "./param-group.js";
import { advance, countStep, live, type ParamState, type StateKinds, variable } from "./param-state.js";
import { checkBetas, checkEach, checkFlag, checkNonNegative } from "./setting-checks.js";

/** The settings of a group of Adam or AdamW. */
export interface AdamGroup {
  /** Learning rate. Default 1e-3. */
  lr: number;
  /** How much of the running averages of the gradient and of its square stays at each step. Default [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Added to the root, so that nothing is divided by 0. Default 1e-8. */
  eps: number;
  /** Adam: L2 penalty, added to the gradient, times the value. Default 0. AdamW: decoupled decay. Default 0.01. */
  weightDecay: number;
  /** Divide by the largest average of squares so far. Default false. */
  amsgrad: boolean;
  /** Go uphill. Default false. */
  maximize: boolean;
  /** Let the weight decay stay out of the averages, as AdamW does. Default false. */
  decoupledWeightDecay: boolean;
}

/** What `new Adam` and `new AdamW` take beside their tensors. */
export type AdamOptions = Readonly<Partial<AdamGroup>>;

/** What Adam and AdamW remember for a tensor. */
export interface AdamState extends ParamState {
  step?: number;
  expAvg?: Tensor;
  expAvgSq?: Tensor;
  maxExpAvgSq?: Tensor;
}

/**
 * Adam: m ← β₁ · m + (1 - β₁) · g, v ← β₂ · v + (1 - β₂) · g², and at step t
 * w ← w - lr / (1 - β₁ᵗ) · m / (√v / √(1 - β₂ᵗ) + eps). Same as torch.optim.Adam.
 * After Kingma and Ba, https://arxiv.org/abs/1412.6980; amsgrad after Reddi et al., "On the convergence of Adam", 2018.
 *
 * @example
 * const optimizer = new Adam(model.parameters(), { lr: 1e-3, betas: [0.9, 0.99] });
 */
export class Adam extends Optimizer<AdamGroup, AdamState> {
  protected static readonly defaults: AdamGroup = {
    lr: 1e-3,
    betas: [0.9, 0.999],
    eps: 1e-8,
    weightDecay: 0,
    amsgrad: false,
    maximize: false,
    decoupledWeightDecay: false,
  };
  protected override readonly stateKinds: StateKinds<AdamState> = {
    step: "number",
    expAvg: "tensor",
    expAvgSq: "tensor",
    maxExpAvgSq: "tensor",
  };
  protected override readonly live: readonly string[] = ["lr", "betas", "eps", "weightDecay", "step"];

  constructor(params: Params<AdamGroup>, options: AdamOptions = {}) {
    super(params, new.target.defaults, options);
  }

  protected override check(group: Readonly<AdamGroup>): void {
    checkEach(this, group, checkNonNegative, "lr", "eps", "weightDecay");
    checkBetas(this, "betas", group.betas);
    checkEach(this, group, checkFlag, "amsgrad", "maximize", "decoupledWeightDecay");
  }

  protected override update(param: Tensor, grad: Tensor, state: AdamState, group: ParamGroup<AdamGroup>): Tensor {
    const number = (read: () => number): Tensor => live(param, read);
    const direction = directionOf(param, grad, group);
    countStep(state);
    const expAvg = average(variable(state, "expAvg", param), direction, () => group.betas[0]);
    const expAvgSq = average(variable(state, "expAvgSq", param), direction, () => group.betas[1], direction);
    let power = expAvgSq;
    if (group.amsgrad) {
      const largest = variable(state, "maxExpAvgSq", param);
      power = advance(largest, largest.maximum(expAvgSq));
    }
    // The corrections for averages that began at 0 are numbers of the host: all steps are one Program.
    const rate = number(() => group.lr / (1 - group.betas[0] ** state.step!));
    const scale = power
      .sqrt()
      .div(number(() => Math.sqrt(1 - group.betas[1] ** state.step!)))
      .add(number(() => group.eps));
    return decayed(param, group).sub(expAvg.mul(rate).div(scale));
  }
}
