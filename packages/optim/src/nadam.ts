import type { Tensor } from "@downhill/core";
import { average, decayed, directionOf } from "./direction.js";
import { Optimizer } from "./optimizer.js";
import type { ParamGroup, Params } from "./param-group.js";
import { countStep, live, type ParamState, setNumber, type StateKinds, variable } from "./param-state.js";
import { checkBetas, checkEach, checkFlag, checkNonNegative } from "./setting-checks.js";

/** The settings of a group of NAdam. */
export interface NAdamGroup {
  /** Learning rate. Default 2e-3. */
  lr: number;
  /** How much of the running averages of the gradient and of its square stays at each step. Default [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Added to the root, so that nothing is divided by 0. Default 1e-8. */
  eps: number;
  /** L2 penalty: added to the gradient, times the value. Default 0. */
  weightDecay: number;
  /** How fast the momentum rises from β₁ / 2 to β₁. Default 4e-3. */
  momentumDecay: number;
  /** Let the weight decay stay out of the averages, as AdamW does. Default false. */
  decoupledWeightDecay: boolean;
  /** Go uphill. Default false. */
  maximize: boolean;
}

/** What `new NAdam` takes beside its tensors. */
export type NAdamOptions = Readonly<Partial<NAdamGroup>>;

/** What NAdam remembers for a tensor. */
export interface NAdamState extends ParamState {
  step?: number;
  /** The product of the momenta so far. */
  muProduct?: number;
  expAvg?: Tensor;
  expAvgSq?: Tensor;
}

/**
 * Adam with Nesterov's momentum: with μₜ = β₁ · (1 - 0.96^(t · momentumDecay) / 2) and m, v as in Adam,
 * w ← w - lr · ((1 - μₜ) / (1 - Πμ) · g + μₜ₊₁ / (1 - Πμ · μₜ₊₁) · m) / (√(v / (1 - β₂ᵗ)) + eps), Πμ = μ₁ · … · μₜ.
 * Same as torch.optim.NAdam (of PyTorch 2). After Dozat, "Incorporating Nesterov momentum into Adam", 2016.
 *
 * @example
 * const optimizer = new NAdam(model.parameters(), { lr: 2e-3, weightDecay: 0.01, decoupledWeightDecay: true });
 */
export class NAdam extends Optimizer<NAdamGroup, NAdamState> {
  protected override readonly stateKinds: StateKinds<NAdamState> = {
    step: "number",
    muProduct: "number",
    expAvg: "tensor",
    expAvgSq: "tensor",
  };
  protected override readonly live: readonly string[] = [
    "lr",
    "betas",
    "eps",
    "weightDecay",
    "momentumDecay",
    "step",
    "muProduct",
  ];

  constructor(params: Params<NAdamGroup>, options: NAdamOptions = {}) {
    super(
      params,
      {
        lr: 2e-3,
        betas: [0.9, 0.999],
        eps: 1e-8,
        weightDecay: 0,
        momentumDecay: 4e-3,
        decoupledWeightDecay: false,
        maximize: false,
      },
      options,
    );
  }

  protected override check(group: Readonly<NAdamGroup>): void {
    checkEach(this, group, checkNonNegative, "lr", "eps", "weightDecay", "momentumDecay");
    checkBetas(this, "betas", group.betas);
    checkEach(this, group, checkFlag, "decoupledWeightDecay", "maximize");
  }

  protected override update(param: Tensor, grad: Tensor, state: NAdamState, group: ParamGroup<NAdamGroup>): Tensor {
    const number = (read: () => number): Tensor => live(param, read);
    const direction = directionOf(param, grad, group);
    const mu = (step: number): number => group.betas[0] * (1 - 0.5 * 0.96 ** (step * group.momentumDecay));
    countStep(state);
    // PyTorch keeps this product in float32.
    setNumber(state, "muProduct", () => Math.fround((state.muProduct ?? 1) * Math.fround(mu(state.step!))));
    const expAvg = average(variable(state, "expAvg", param), direction, () => group.betas[0]);
    const expAvgSq = average(variable(state, "expAvgSq", param), direction, () => group.betas[1], direction);
    const scale = expAvgSq
      .div(number(() => 1 - group.betas[1] ** state.step!))
      .sqrt()
      .add(number(() => group.eps));
    const ofGrad = number(() => (group.lr * (1 - mu(state.step!))) / (1 - state.muProduct!));
    const ofAverage = number(() => {
      const next = mu(state.step! + 1);
      return (group.lr * next) / (1 - state.muProduct! * next);
    });
    return decayed(param, group).sub(direction.mul(ofGrad).div(scale)).sub(expAvg.mul(ofAverage).div(scale));
  }
}
