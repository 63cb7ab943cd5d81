import type { Tensor } from "@downhill/core";
import { average, directionOf } from "./direction.js";
import { Optimizer } from "./optimizer.js";
import type { ParamGroup, Params } from "./param-group.js";
import { advance, countStep, live, type ParamState, type StateKinds, variable } from "./param-state.js";
import { checkEach, checkFlag, checkNonNegative } from "./setting-checks.js";

/** The settings of a group of RMSprop. */
export interface RMSpropGroup {
  /** Learning rate. Default 1e-2. */
  lr: number;
  /** How much of the running averages stays at each step. Default 0.99. */
  alpha: number;
  /** Added to the root, so that nothing is divided by 0. Default 1e-8. */
  eps: number;
  /** L2 penalty: added to the gradient, times the value. Default 0. */
  weightDecay: number;
  /** How much of the last step's direction goes on. Default 0. */
  momentum: number;
  /** Divide by the gradient's estimated deviation rather than its root mean square. Default false. */
  centered: boolean;
  /** Go uphill. Default false. */
  maximize: boolean;
}

/** What `new RMSprop` takes beside its tensors. */
export type RMSpropOptions = Readonly<Partial<RMSpropGroup>>;

/** What RMSprop remembers for a tensor. */
export interface RMSpropState extends ParamState {
  step?: number;
  squareAvg?: Tensor;
  gradAvg?: Tensor;
  momentumBuffer?: Tensor;
}

/**
 * RMSprop: v ← alpha · v + (1 - alpha) · g², w ← w - lr · g / (√v + eps). Centered, v less the square of the running
 * average of g takes v's place; with momentum, b ← momentum · b + g / (√v + eps) takes that quotient's place.
 * Same as torch.optim.RMSprop. After Hinton's lecture 6 of "Neural networks for machine learning", 2012; centered, after
 * Graves, "Generating sequences with recurrent neural networks", 2013.
 *
 * @example
 * const optimizer = new RMSprop(model.parameters(), { lr: 0.01, momentum: 0.9 });
 */
export class RMSprop extends Optimizer<RMSpropGroup, RMSpropState> {
  protected override readonly stateKinds: StateKinds<RMSpropState> = {
    step: "number",
    squareAvg: "tensor",
    gradAvg: "tensor",
    momentumBuffer: "tensor",
  };
  protected override readonly live: readonly string[] = ["lr", "alpha", "eps", "weightDecay", "momentum", "step"];

  constructor(params: Params<RMSpropGroup>, options: RMSpropOptions = {}) {
    super(
      params,
      { lr: 1e-2, alpha: 0.99, eps: 1e-8, weightDecay: 0, momentum: 0, centered: false, maximize: false },
      options,
    );
  }

  protected override check(group: Readonly<RMSpropGroup>): void {
    checkEach(this, group, checkNonNegative, "lr", "alpha", "eps", "weightDecay", "momentum");
    checkEach(this, group, checkFlag, "centered", "maximize");
  }

  protected override update(param: Tensor, grad: Tensor, state: RMSpropState, group: ParamGroup<RMSpropGroup>): Tensor {
    const direction = directionOf(param, grad, group);
    const lr = live(param, () => group.lr);
    const kept = (): number => group.alpha;
    countStep(state);
    let power = average(variable(state, "squareAvg", param), direction, kept, direction);
    if (group.centered) {
      const gradAvg = average(variable(state, "gradAvg", param), direction, kept);
      power = power.sub(gradAvg.mul(gradAvg));
    }
    const scale = power.sqrt().add(live(param, () => group.eps));

    if (group.momentum === 0) return param.sub(direction.mul(lr).div(scale));
    const buffer = variable(state, "momentumBuffer", param);
    advance(buffer, buffer.mul(live(param, () => group.momentum)).add(direction.div(scale)));
    return param.sub(buffer.mul(lr));
  }
}
