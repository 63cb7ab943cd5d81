import { type Tensor, where } from "@downhill/core";
import { Optimizer } from "./optimizer.js";
import type { ParamGroup, Params } from "./param-group.js";
import { advance, countStep, live, type ParamState, type StateKinds, variable } from "./param-state.js";
import { checkFlag, checkNonNegative, checkNumber, checkPair, refuse } from "./setting-checks.js";

/** The settings of a group of Rprop. */
export interface RpropGroup {
  /** The first step's size. Default 1e-2. */
  lr: number;
  /** What a size is multiplied by when the gradient's sign has changed, and when it has not. Default [0.5, 1.2]. */
  etas: readonly [number, number];
  /** The least and the greatest size. Default [1e-6, 50]. */
  stepSizes: readonly [number, number];
  /** Go uphill. Default false. */
  maximize: boolean;
}

/** What `new Rprop` takes beside its tensors. */
export type RpropOptions = Readonly<Partial<RpropGroup>>;

/** What Rprop remembers for a tensor. */
export interface RpropState extends ParamState {
  step?: number;
  prev?: Tensor;
  stepSize?: Tensor;
}

/**
 * Resilient propagation: each element steps against its gradient's sign, w ← w - s · sign(g), by a size s of its own that
 * grows while the sign stays and shrinks when it changes; then the element rests for a step. For full batches.
 * Same as torch.optim.Rprop. After Riedmiller and Braun, "A direct adaptive method for faster backpropagation
 * learning: the RPROP algorithm", 1993.
 *
 * @example
 * const optimizer = new Rprop(model.parameters(), { lr: 0.01, etas: [0.5, 1.2] });
 */
export class Rprop extends Optimizer<RpropGroup, RpropState> {
  protected override readonly stateKinds: StateKinds<RpropState> = {
    step: "number",
    prev: "tensor",
    stepSize: "tensor",
  };
  protected override readonly live: readonly string[] = ["lr", "etas", "stepSizes", "step"];

  constructor(params: Params<RpropGroup>, options: RpropOptions = {}) {
    super(params, { lr: 1e-2, etas: [0.5, 1.2], stepSizes: [1e-6, 50], maximize: false }, options);
  }

  protected override check({ lr, etas, stepSizes, maximize }: Readonly<RpropGroup>): void {
    checkNonNegative(this, "lr", lr);
    checkPair(this, "etas", etas);
    if (!(etas[0] > 0 && etas[0] < 1 && etas[1] > 1)) refuse(this, "etas", etas, "a number in (0, 1) and one above 1");
    checkPair(this, "stepSizes", stepSizes);
    checkNumber(this, "stepSizes[0]", stepSizes[0]);
    checkNumber(this, "stepSizes[1]", stepSizes[1]);
    checkFlag(this, "maximize", maximize);
  }

  protected override update(param: Tensor, grad: Tensor, state: RpropState, group: ParamGroup<RpropGroup>): Tensor {
    const number = (read: () => number): Tensor => live(param, read);
    const direction = group.maximize ? grad.neg() : grad;
    countStep(state);
    const isNew = state.stepSize === undefined;
    const [prev, size] = [variable(state, "prev", param), variable(state, "stepSize", param)];
    const turn = direction.mul(prev);
    const factor = where(
      turn.gt(0),
      number(() => group.etas[1]),
      where(
        turn.lt(0),
        number(() => group.etas[0]),
        number(() => 1),
      ),
    );
    // A new size is 0 and begins with the rate; as a run-time number, so that all steps are one Program.
    const begun = size.add(number(() => (isNew ? group.lr : 0)));
    const [least, greatest] = [number(() => group.stepSizes[0]), number(() => group.stepSizes[1])];
    advance(size, begun.mul(factor).maximum(least).minimum(greatest));
    advance(prev, where(turn.lt(0), 0, direction));
    return param.sub(prev.sign().mul(size));
  }
}
