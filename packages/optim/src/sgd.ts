import type { Tensor } from "@downhill/core";
import { ValueError } from "@downhill/core";
import { checkOptions, zeroState } from "@downhill/core/engine";
import { advance, checkSetting, Optimizer, type ParamGroup, type Params, type ParamState } from "./optimizer.js";

export interface SGDOptions {
  /** Learning rate. */
  readonly lr: number;
  /** How much of the last step's direction goes on. Default 0. */
  readonly momentum?: number;
  /** How much of the gradient is left out of the momentum, from the second step on. Default 0. */
  readonly dampening?: number;
  /** L2 penalty: added to the gradient, times the value. Default 0. */
  readonly weightDecay?: number;
  /** Look ahead by the momentum. Needs a momentum and no dampening. Default false. */
  readonly nesterov?: boolean;
  /** Go uphill. Default false. */
  readonly maximize?: boolean;
}

/** An SGD group's settings. */
export interface SGDGroup {
  lr: number;
  momentum: number;
  dampening: number;
  weightDecay: number;
  nesterov: boolean;
  maximize: boolean;
}

interface SGDState extends ParamState {
  momentumBuffer: Tensor;
}

const names = ["lr", "momentum", "dampening", "weightDecay", "nesterov", "maximize"];

/**
 * Stochastic gradient descent: w ← w - lr · g, with momentum b ← momentum · b + (1 - dampening) · g in g's place.
 * Same as torch.optim.SGD. Nesterov's form follows Sutskever et al., 2013.
 *
 * @example
 * const optimizer = new SGD(model.parameters(), { lr: 0.01, momentum: 0.9 });
 */
export class SGD extends Optimizer<SGDGroup, SGDState> {
  constructor(params: Params<SGDGroup>, options: SGDOptions) {
    checkOptions("SGD", options, names);
    super(params, { momentum: 0, dampening: 0, weightDecay: 0, nesterov: false, maximize: false, ...options });
  }

  protected override check(group: SGDGroup): void {
    checkSetting("SGD", "lr", group.lr, (x) => x >= 0, "a number of 0 or more");
    checkSetting("SGD", "momentum", group.momentum, (x) => x >= 0, "a number of 0 or more");
    checkSetting("SGD", "weightDecay", group.weightDecay, (x) => x >= 0, "a number of 0 or more");
    checkSetting("SGD", "dampening", group.dampening, (x) => !Number.isNaN(x), "a number");
    if (group.nesterov && (group.momentum <= 0 || group.dampening !== 0)) {
      throw new ValueError(`SGD: nesterov needs a momentum above 0 and dampening 0, got ${group.momentum} and ${group.dampening}`);
    }
  }

  protected override init(param: Tensor, group: ParamGroup<SGDGroup>): SGDState {
    return (group.momentum === 0 ? { step: 0 } : { step: 0, momentumBuffer: zeroState(param) }) as SGDState;
  }

  protected override update(param: Tensor, grad: Tensor, state: SGDState, group: ParamGroup<SGDGroup>): Tensor {
    const { lr, momentum, dampening, weightDecay, nesterov, maximize } = group;
    let direction = maximize ? grad.neg() : grad;
    if (weightDecay !== 0) direction = direction.add(param.mul(weightDecay));
    if (momentum !== 0) {
      // The first step takes the whole gradient; as a run-time number, so that all steps are one Program.
      const share = state.step === 1 ? 1 : 1 - dampening;
      const buffer = advance(state.momentumBuffer, state.momentumBuffer.mul(momentum).add(direction.mul(share)));
      direction = nesterov ? direction.add(buffer.mul(momentum)) : buffer;
    }
    return param.sub(direction.mul(lr));
  }
}
