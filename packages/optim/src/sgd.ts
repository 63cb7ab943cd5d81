import { type Tensor, ValueError } from "@downhill/core";
import { directionOf } from "./direction.js";
import { Optimizer } from "./optimizer.js";
import type { ParamGroup, Params } from "./param-group.js";
import { advance, live, type ParamState, type StateKinds, variable } from "./param-state.js";
import { checkEach, checkFlag, checkNonNegative, checkNumber } from "./setting-checks.js";

/** The settings of a group of SGD. */
export interface SGDGroup {
  /** Learning rate. Default 1e-3. */
  lr: number;
  /** How much of the last step's direction goes on. Default 0. */
  momentum: number;
  /** How much of the gradient is left out of the momentum, from the second step on. Default 0. */
  dampening: number;
  /** L2 penalty: added to the gradient, times the value. Default 0. */
  weightDecay: number;
  /** Look ahead by the momentum. Needs a momentum and no dampening. Default false. */
  nesterov: boolean;
  /** Go uphill. Default false. */
  maximize: boolean;
}

/** What `new SGD` takes beside its tensors. */
export type SGDOptions = Readonly<Partial<SGDGroup>>;

/** What SGD remembers for a tensor. */
export interface SGDState extends ParamState {
  momentumBuffer?: Tensor;
}

/**
 * Stochastic gradient descent: w ← w - lr · g, with momentum b ← momentum · b + (1 - dampening) · g in g's place.
 * Same as torch.optim.SGD. Nesterov's form, g + momentum · b, follows Sutskever et al., 2013.
 *
 * @example
 * const optimizer = new SGD(model.parameters(), { lr: 0.01, momentum: 0.9 });
 */
export class SGD extends Optimizer<SGDGroup, SGDState> {
  protected override readonly stateKinds: StateKinds<SGDState> = { momentumBuffer: "tensor" };
  protected override readonly live: readonly string[] = ["lr", "momentum", "dampening", "weightDecay"];

  constructor(params: Params<SGDGroup>, options: SGDOptions = {}) {
    super(params, { lr: 1e-3, momentum: 0, dampening: 0, weightDecay: 0, nesterov: false, maximize: false }, options);
    // Not of groups, as in PyTorch: their momentum may come later.
    const { nesterov, momentum, dampening } = this.defaults;
    if (nesterov && (momentum === 0 || dampening !== 0)) {
      throw new ValueError(`SGD: nesterov needs a momentum above 0 and dampening 0, got ${momentum} and ${dampening}`);
    }
  }

  protected override check(group: Readonly<SGDGroup>): void {
    checkEach(this, group, checkNonNegative, "lr", "momentum", "weightDecay");
    checkNumber(this, "dampening", group.dampening);
    checkEach(this, group, checkFlag, "nesterov", "maximize");
  }

  protected override update(param: Tensor, grad: Tensor, state: SGDState, group: ParamGroup<SGDGroup>): Tensor {
    const { momentum, nesterov } = group;
    let direction = directionOf(param, grad, group);
    if (momentum !== 0) {
      // A new buffer takes the whole gradient; as a run-time number, so that all steps are one Program.
      const isNew = state.momentumBuffer === undefined;
      const share = live(param, () => (isNew ? 1 : 1 - group.dampening));
      const kept = live(param, () => group.momentum);
      const last = variable(state, "momentumBuffer", param);
      const buffer = advance(last, last.mul(kept).add(direction.mul(share)));
      direction = nesterov ? direction.add(buffer.mul(kept)) : buffer;
    }
    return param.sub(direction.mul(live(param, () => group.lr)));
  }
}
