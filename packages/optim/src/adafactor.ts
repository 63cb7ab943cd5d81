import type { DType, Shape, Tensor } from "@downhill/core";
import { average, decayed } from "./direction.js";
import { Optimizer } from "./optimizer.js";
import type { ParamGroup, Params } from "./param-group.js";
import { countStep, live, type ParamState, type StateKinds, variable } from "./param-state.js";
import { checkEach, checkFlag, checkNonNegative, checkPair, refuse } from "./setting-checks.js";

/** The settings of a group of Adafactor. */
export interface AdafactorGroup {
  /** The greatest relative step size, and the rate of the weight decay. Default 1e-2. */
  lr: number;
  /** At step t, t^beta2Decay of a new square goes into the averages: 0 or less. Default -0.8. */
  beta2Decay: number;
  /** The least root mean square of a gradient, and of a tensor's values. Default [null, 1e-3]; null: the dtype's epsilon. */
  eps: readonly [number | null, number];
  /** The greatest root mean square of a step, before the rate: 1 or more. Default 1. */
  d: number;
  /** Decoupled weight decay. Default 0. */
  weightDecay: number;
  /** Go uphill. Default false. */
  maximize: boolean;
}

/** What `new Adafactor` takes beside its tensors. */
export type AdafactorOptions = Readonly<Partial<AdafactorGroup>>;

/** What Adafactor remembers for a tensor: for one of two dims or more, averages over its last dim and the one before. */
export interface AdafactorState extends ParamState {
  step?: number;
  rowVar?: Tensor;
  colVar?: Tensor;
  variance?: Tensor;
}

/** The distance from 1 to the next number. */
const epsilonOf = (dtype: DType): number => (dtype === "float64" ? 2 ** -52 : 2 ** -23);

/** √(Σ x² / n): the root mean square. */
const rms = (x: Tensor): Tensor => x.mul(x).mean().sqrt();

/**
 * Adafactor, Adam's adaptivity in the memory of two vectors per matrix: the averages R of g² over columns and C over rows
 * stand for v = R · C / mean(R), and w ← w - max(eps₂, rms(w)) · min(lr, 1/√t) · u / max(1, rms(u) / d) with
 * u = g / √v. Tensors of one dim keep v whole. Same as torch.optim.Adafactor.
 * After Shazeer and Stern, https://arxiv.org/abs/1804.04235.
 *
 * @example
 * const optimizer = new Adafactor(model.parameters(), { lr: 0.01 });
 */
export class Adafactor extends Optimizer<AdafactorGroup, AdafactorState> {
  protected override readonly stateKinds: StateKinds<AdafactorState> = {
    step: "number",
    rowVar: "tensor",
    colVar: "tensor",
    variance: "tensor",
  };
  protected override readonly live: readonly string[] = ["lr", "beta2Decay", "eps", "d", "weightDecay", "step"];

  constructor(params: Params<AdafactorGroup>, options: AdafactorOptions = {}) {
    super(params, { lr: 1e-2, beta2Decay: -0.8, eps: [null, 1e-3], d: 1, weightDecay: 0, maximize: false }, options);
  }

  protected override check(group: Readonly<AdafactorGroup>): void {
    const { beta2Decay, eps, d } = group;
    checkEach(this, group, checkNonNegative, "lr", "weightDecay");
    if (typeof beta2Decay !== "number" || !(beta2Decay <= 0))
      refuse(this, "beta2Decay", beta2Decay, "a number of 0 or less");
    checkPair(this, "eps", eps);
    if (eps[0] !== null) checkNonNegative(this, "eps[0]", eps[0]);
    checkNonNegative(this, "eps[1]", eps[1]);
    if (typeof d !== "number" || !(d >= 1)) refuse(this, "d", d, "a number of 1 or more");
    checkFlag(this, "maximize", group.maximize);
  }

  protected override stateShape(name: string, { shape }: Tensor): Shape {
    const single = name === "rowVar" ? shape.length - 1 : name === "colVar" ? shape.length - 2 : -1;
    return shape.map((size, dim) => (dim === single ? 1 : size));
  }

  protected override update(
    param: Tensor,
    grad: Tensor,
    state: AdafactorState,
    group: ParamGroup<AdafactorGroup>,
  ): Tensor {
    const number = (read: () => number): Tensor => live(param, read);
    const direction = group.maximize ? grad.neg() : grad;
    const least = (): number => group.eps[0] ?? epsilonOf(param.dtype);
    const kept = (): number => 1 - state.step! ** group.beta2Decay;
    countStep(state);

    const squares = direction.mul(direction);
    let power: Tensor;
    if (param.ndim > 1) {
      const rows = squares.mean(-1, { keepdim: true });
      const columns = squares.mean(-2, { keepdim: true });
      const rowVar = average(variable(state, "rowVar", rows), rows, kept);
      const colVar = average(variable(state, "colVar", columns), columns, kept);
      power = rowVar.mul(colVar).div(rowVar.mean(-2, { keepdim: true }).maximum(number(least)));
    } else power = average(variable(state, "variance", param), squares, kept);
    const step = direction.div(power.maximum(number(() => least() ** 2)).sqrt());

    const size = rms(param).maximum(number(() => group.eps[1]));
    const rate = size.mul(number(() => Math.min(group.lr, 1 / Math.sqrt(state.step!))));
    const clip = rms(step)
      .div(number(() => group.d))
      .maximum(number(() => 1));
    return decayed(param, group).sub(step.mul(rate.div(clip)));
  }
}
