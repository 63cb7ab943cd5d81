import type { Tensor } from "@downhill/core";
import { directionOf } from "./direction.js";
import { Optimizer } from "./optimizer.js";
import type { ParamGroup, Params } from "./param-group.js";
import { advance, countStep, live, type ParamState, type StateKinds, variable } from "./param-state.js";
import { checkEach, checkFlag, checkNonNegative } from "./setting-checks.js";

/** The settings of a group of Adagrad. */
export interface AdagradGroup {
  /** Learning rate. Default 1e-2. */
  lr: number;
  /** How fast the rate falls: at step t it is lr / (1 + (t - 1) · lrDecay). Default 0. */
  lrDecay: number;
  /** L2 penalty: added to the gradient, times the value. Default 0. */
  weightDecay: number;
  /** What the sums of squares begin with. Default 0. */
  initialAccumulatorValue: number;
  /** Added to the root, so that nothing is divided by 0. Default 1e-10. */
  eps: number;
  /** Go uphill. Default false. */
  maximize: boolean;
}

/** What `new Adagrad` takes beside its tensors. */
export type AdagradOptions = Readonly<Partial<AdagradGroup>>;

/** What Adagrad remembers for a tensor. */
export interface AdagradState extends ParamState {
  step?: number;
  sum?: Tensor;
}

/**
 * Adagrad: s ← s + g², w ← w - lr · g / (√s + eps). Same as torch.optim.Adagrad.
 * After Duchi, Hazan and Singer, "Adaptive subgradient methods for online learning and stochastic optimization", 2011.
 *
 * @example
 * const optimizer = new Adagrad(model.parameters(), { lr: 0.1 });
 */
export class Adagrad extends Optimizer<AdagradGroup, AdagradState> {
  protected override readonly stateKinds: StateKinds<AdagradState> = { step: "number", sum: "tensor" };
  protected override readonly live: readonly string[] = [
    "lr",
    "lrDecay",
    "weightDecay",
    "initialAccumulatorValue",
    "eps",
    "step",
  ];

  constructor(params: Params<AdagradGroup>, options: AdagradOptions = {}) {
    super(
      params,
      { lr: 1e-2, lrDecay: 0, weightDecay: 0, initialAccumulatorValue: 0, eps: 1e-10, maximize: false },
      options,
    );
  }

  protected override check(group: Readonly<AdagradGroup>): void {
    checkEach(this, group, checkNonNegative, "lr", "lrDecay", "weightDecay", "initialAccumulatorValue", "eps");
    checkFlag(this, "maximize", group.maximize);
  }

  protected override update(param: Tensor, grad: Tensor, state: AdagradState, group: ParamGroup<AdagradGroup>): Tensor {
    const number = (read: () => number): Tensor => live(param, read);
    const direction = directionOf(param, grad, group);
    countStep(state);
    const isNew = state.sum === undefined;
    const sum = variable(state, "sum", param);
    // As a run-time number, so that all steps are one Program.
    const begun = sum.add(number(() => (isNew ? group.initialAccumulatorValue : 0)));
    advance(sum, begun.add(direction.mul(direction)));
    const rate = number(() => group.lr / (1 + (state.step! - 1) * group.lrDecay));
    return param.sub(direction.mul(rate).div(sum.sqrt().add(number(() => group.eps))));
  }
}
