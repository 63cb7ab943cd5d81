import type { Tensor } from "@downhill/core";
import { average, decayed } from "./direction.js";
import { Optimizer } from "./optimizer.js";
import type { ParamGroup, Params } from "./param-group.js";
import { live, type ParamState, type StateKinds, variable } from "./param-state.js";
import { checkBetas, checkEach, checkFlag, checkNonNegative } from "./setting-checks.js";

/** The settings of a group of Lion. */
export interface LionGroup {
  /** Learning rate: the size of every step; a third to a tenth of AdamW's. Default 1e-4. */
  lr: number;
  /** How much of the running average is in the direction, and how much of it stays. Default [0.9, 0.99]. */
  betas: readonly [number, number];
  /** Decoupled weight decay; three to ten times AdamW's. Default 0. */
  weightDecay: number;
  /** Go uphill. Default false. */
  maximize: boolean;
}

/** What `new Lion` takes beside its tensors. */
export type LionOptions = Readonly<Partial<LionGroup>>;

/** What Lion remembers for a tensor. */
export interface LionState extends ParamState {
  expAvg?: Tensor;
}

/**
 * Lion, steps of one size along a sign: w ← w · (1 - lr · weightDecay) - lr · sign(β₁ · m + (1 - β₁) · g), and then
 * m ← β₂ · m + (1 - β₂) · g. Half of Adam's memory.
 * After Chen et al., "Symbolic discovery of optimization algorithms", https://arxiv.org/abs/2302.06675.
 *
 * @example
 * const optimizer = new Lion(model.parameters(), { lr: 1e-4, weightDecay: 0.1 });
 */
export class Lion extends Optimizer<LionGroup, LionState> {
  protected override readonly stateKinds: StateKinds<LionState> = { expAvg: "tensor" };
  protected override readonly live: readonly string[] = ["lr", "betas", "weightDecay"];

  constructor(params: Params<LionGroup>, options: LionOptions = {}) {
    super(params, { lr: 1e-4, betas: [0.9, 0.99], weightDecay: 0, maximize: false }, options);
  }

  protected override check(group: Readonly<LionGroup>): void {
    checkEach(this, group, checkNonNegative, "lr", "weightDecay");
    checkBetas(this, "betas", group.betas);
    checkFlag(this, "maximize", group.maximize);
  }

  protected override update(param: Tensor, grad: Tensor, state: LionState, group: ParamGroup<LionGroup>): Tensor {
    const number = (read: () => number): Tensor => live(param, read);
    const direction = group.maximize ? grad.neg() : grad;
    const expAvg = variable(state, "expAvg", param);
    const mixed = expAvg.mul(number(() => group.betas[0])).add(direction.mul(number(() => 1 - group.betas[0])));
    average(expAvg, direction, () => group.betas[1]);
    return decayed(param, group).sub(mixed.sign().mul(number(() => group.lr)));
  }
}
