import { ShapeError, type Tensor } from "@downhill/core";
import { text } from "@downhill/core/engine";
import { average, decayed } from "./direction.js";
import { Optimizer } from "./optimizer.js";
import { type ParamGroup, type ParamGroupInput, type Params, tensorsOf } from "./param-group.js";
import { live, type ParamState, type StateKinds, variable } from "./param-state.js";
import {
  checkBetween,
  checkChoice,
  checkEach,
  checkFlag,
  checkNonNegative,
  checkNumber,
  refuse,
} from "./setting-checks.js";

/** The settings of a group of Muon. */
export interface MuonGroup {
  /** Learning rate. Default 1e-3. */
  lr: number;
  /** Decoupled weight decay. Default 0.1. */
  weightDecay: number;
  /** How much of the running average of the gradient stays at each step. Default 0.95. */
  momentum: number;
  /** Look ahead by the momentum. Default true. */
  nesterov: boolean;
  /** The polynomial a · x + b · x³ + c · x⁵ that brings singular values near 1. Default [3.4445, -4.775, 2.0315]. */
  nsCoefficients: readonly [number, number, number];
  /** The least norm that a direction is divided by. Default 1e-7. */
  eps: number;
  /** How often the polynomial is applied: an integer below 100, which decides what is compiled. Default 5. */
  nsSteps: number;
  /**
   * What the rate is multiplied by for a matrix of A rows and B columns: "original", √max(1, A / B), or
   * "matchRmsAdamw", 0.2 · √max(A, B), with which AdamW's rate and weight decay fit. Default null: "original".
   */
  adjustLrFn: "original" | "matchRmsAdamw" | null;
}

/** What `new Muon` takes beside its tensors. */
export type MuonOptions = Readonly<Partial<MuonGroup>>;

/** What Muon remembers for a tensor. */
export interface MuonState extends ParamState {
  momentumBuffer?: Tensor;
}

/**
 * Muon, for the matrices of hidden layers: the running average of the gradient, brought near the closest orthogonal
 * matrix by `nsSteps` Newton-Schulz iterations X ← a · X + (b · A + c · A²) · X, A = X · Xᵀ, is the step's direction.
 * Biases, embeddings and the like want AdamW. Same as torch.optim.Muon, which iterates in bfloat16; this, in the tensor's
 * dtype. After Jordan et al., https://kellerjordan.github.io/posts/muon/, and Liu et al.,
 * "Muon is scalable for LLM training", https://arxiv.org/abs/2502.16982.
 *
 * @throws ShapeError for a tensor that is no matrix.
 *
 * @example
 * const matrices = [...model.parameters()].filter((param) => param.ndim === 2);
 * const muon = new Muon(matrices, { lr: 0.02, momentum: 0.95 });
 */
export class Muon extends Optimizer<MuonGroup, MuonState> {
  protected override readonly stateKinds: StateKinds<MuonState> = { momentumBuffer: "tensor" };
  protected override readonly live: readonly string[] = ["lr", "weightDecay", "momentum", "nsCoefficients", "eps"];

  constructor(params: Params<MuonGroup>, options: MuonOptions = {}) {
    super(
      params,
      {
        lr: 1e-3,
        weightDecay: 0.1,
        momentum: 0.95,
        nesterov: true,
        nsCoefficients: [3.4445, -4.775, 2.0315],
        eps: 1e-7,
        nsSteps: 5,
        adjustLrFn: null,
      },
      options,
    );
  }

  override addParamGroup(input: ParamGroupInput<MuonGroup>): void {
    const { params } = tensorsOf("Muon", input);
    params.forEach((param, i) => {
      if (param.ndim === 2) return;
      throw new ShapeError(
        `Muon: updates matrices, got shape ${text(param.shape)} at place ${i} of the group`,
        "give the others to an AdamW",
      );
    });
    super.addParamGroup({ ...input, params });
  }

  protected override check(group: Readonly<MuonGroup>): void {
    checkEach(this, group, checkNonNegative, "lr", "weightDecay", "momentum", "eps");
    checkFlag(this, "nesterov", group.nesterov);
    const { nsCoefficients: coefficients, nsSteps } = group;
    if (!Array.isArray(coefficients) || coefficients.length !== 3)
      refuse(this, "nsCoefficients", coefficients, "three numbers");
    coefficients.forEach((coefficient, i) => {
      checkNumber(this, `nsCoefficients[${i}]`, coefficient);
    });
    if (!Number.isInteger(nsSteps)) refuse(this, "nsSteps", nsSteps, "an integer");
    checkBetween(this, "nsSteps", nsSteps, 0, 99);
    checkChoice(this, "adjustLrFn", group.adjustLrFn, [null, "original", "matchRmsAdamw"]);
  }

  protected override update(param: Tensor, grad: Tensor, state: MuonState, group: ParamGroup<MuonGroup>): Tensor {
    const kept = (): number => group.momentum;
    const buffer = average(variable(state, "momentumBuffer", param), grad, kept);
    const direction = group.nesterov
      ? grad.mul(live(param, () => 1 - group.momentum)).add(buffer.mul(live(param, kept)))
      : buffer;
    const [rows, columns] = param.shape as [number, number];
    const factor =
      group.adjustLrFn === "matchRmsAdamw"
        ? 0.2 * Math.sqrt(Math.max(rows, columns))
        : Math.sqrt(Math.max(1, rows / columns));
    const step = orthogonalized(direction, group).mul(live(param, () => group.lr * factor));
    return decayed(param, group).sub(step);
  }
}

/** About U · Vᵀ of the matrix U · S · Vᵀ: all singular values near 1. */
function orthogonalized(matrix: Tensor, group: MuonGroup): Tensor {
  const coefficient = (i: 0 | 1 | 2): Tensor => live(matrix, () => group.nsCoefficients[i]);
  const [rows, columns] = matrix.shape as [number, number];
  // The smaller side's products are the smaller ones.
  const wide = rows > columns ? matrix.transpose(0, 1) : matrix;
  let x = wide.div(wide.norm().maximum(live(matrix, () => group.eps)));
  for (let i = 0; i < group.nsSteps; i++) {
    const gram = x.matmul(x.transpose(0, 1));
    const update = gram.mul(coefficient(1)).add(gram.matmul(gram).mul(coefficient(2)));
    x = x.mul(coefficient(0)).add(update.matmul(x));
  }
  return rows > columns ? x.transpose(0, 1) : x;
}
