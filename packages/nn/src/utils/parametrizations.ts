import { DownhillError, noGrad, norm, normal, ShapeError, type Tensor } from "@downhill/core";
import { assign, checkCount, checkOptions, text } from "@downhill/core/engine";
import { ConvTranspose1d, ConvTranspose2d, ConvTranspose3d } from "../conv-transpose.js";
import { Module } from "../module.js";
import { checkPositive } from "../option-checks.js";
import { normalize } from "../functional/distance.js";
import { registerParametrization } from "./parametrize.js";

/** The length of each slice along `dim`, kept as dims of size 1; without a dim, of the whole. */
function lengths(x: Tensor, dim: number | null): Tensor {
  const others = [...x.shape.keys()].filter((d) => d !== dim);
  return norm(x, 2, others, { keepdim: true });
}

/** g · v / ‖v‖. */
class WeightNorm extends Module {
  readonly dim: number | null;

  constructor(dim: number | null) {
    super();
    this.dim = dim;
  }

  override forward(g: Tensor, v: Tensor): Tensor {
    return v.mul(g.div(lengths(v, this.dim)));
  }

  rightInverse(value: Tensor): Tensor[] {
    return [lengths(value, this.dim), value.clone()];
  }
}

/** What weight and spectral normalisation take beside the tensor's name. */
export interface SpectralNormOptions {
  /** Steps of the power iteration at each use in training. Default 1. */
  readonly nPowerIterations?: number;
  /** The least length of a vector. Default 1e-12. */
  readonly eps?: number;
  /** The dim of the outputs. Default 0, and 1 for transposed convolutions. */
  readonly dim?: number | null;
}

/** A tensor divided by its largest singular value, which a power iteration follows. */
class SpectralNorm extends Module {
  readonly dim: number;
  readonly nPowerIterations: number;
  readonly eps: number;
  declare _u: Tensor;
  declare _v: Tensor;

  constructor(weight: Tensor, nPowerIterations: number, dim: number, eps: number) {
    super();
    this.dim = dim;
    this.nPowerIterations = nPowerIterations;
    this.eps = eps;
    if (weight.ndim < 2) return;
    noGrad(() => {
      const matrix = this.matrix(weight.detach());
      const placed = { dtype: weight.dtype as "float32", device: weight.device };
      const [rows, columns] = matrix.shape as [number, number];
      const start = (size: number): Tensor => normalize(normal(0, 1, [size], placed), { dim: 0, eps });
      const [u, v] = this.iterated(matrix, start(rows), start(columns), 15);
      this.registerBuffer("_u", u.clone());
      this.registerBuffer("_v", v.clone());
    });
  }

  private matrix(weight: Tensor): Tensor {
    return weight.movedim(this.dim, 0).reshape([weight.shape[this.dim]!, -1]);
  }

  private iterated(matrix: Tensor, u: Tensor, v: Tensor, times: number): [u: Tensor, v: Tensor] {
    const { eps } = this;
    for (let i = 0; i < times; i++) {
      u = normalize(matrix.matmul(v), { dim: 0, eps });
      v = normalize(matrix.t().matmul(u), { dim: 0, eps });
    }
    return [u, v];
  }

  override forward(weight: Tensor): Tensor {
    if (weight.ndim < 2) return normalize(weight, { dim: 0, eps: this.eps });
    const matrix = this.matrix(weight);
    let [u, v] = [this._u, this._v];
    if (this.training) {
      [u, v] = noGrad(() => this.iterated(matrix.detach(), this._u, this._v, this.nPowerIterations));
      assign(this._u, u);
      assign(this._v, v);
    }
    const sigma = u.mul(matrix.matmul(v)).sum();
    return weight.div(sigma);
  }

  rightInverse(value: Tensor): Tensor {
    return value;
  }
}

const parameterOf = (where: string, module: Module, name: string): Tensor => {
  const value = (module as unknown as Record<string, unknown>)[name];
  if (value !== null && typeof value === "object" && "ndim" in value) return value as Tensor;
  throw new DownhillError(`${where}: ${module.constructor.name} has no tensor "${name}"`);
};

/**
 * Learns a tensor's direction and its length apart: g · v / ‖v‖, with a length per slice along `dim`, or one for all with
 * null. Same as torch.nn.utils.parametrizations.weight_norm. Salimans and Kingma, 2016, arXiv:1602.07868.
 *
 * @throws DownhillError for a tensor that the module has not.
 *
 * @example
 * const layer = utils.parametrizations.weightNorm(new Linear(20, 40));
 * Object.keys(layer.stateDict()); // ["bias", "parametrizations.weight.original0", "parametrizations.weight.original1"]
 */
export function weightNorm<M extends Module>(module: M, name = "weight", dim: number | null = 0): M {
  const { ndim } = parameterOf("weightNorm", module, name);
  if (dim !== null && (!Number.isInteger(dim) || dim < -ndim || dim >= ndim))
    throw new ShapeError(`weightNorm: dim must be one of the ${ndim} dims of "${name}" or null, got ${String(dim)}`);
  const place = dim === null ? null : dim < 0 ? dim + ndim : dim;
  return registerParametrization(module, name, new WeightNorm(place), { unsafe: true });
}

/**
 * Divides a tensor by its largest singular value, so that what it multiplies grows in no direction. Training takes a step
 * of a power iteration at each use; evaluation takes what it has found. Same as
 * torch.nn.utils.parametrizations.spectral_norm. Miyato et al., 2018, arXiv:1802.05957.
 *
 * @throws DownhillError for a tensor that the module has not.
 *
 * @example
 * const layer = utils.parametrizations.spectralNorm(new Linear(20, 40)).eval();
 * layer.weight.shape; // [40, 20]
 */
export function spectralNorm<M extends Module>(module: M, name = "weight", options: SpectralNormOptions = {}): M {
  const where = "spectralNorm";
  checkOptions(where, options, ["nPowerIterations", "eps", "dim"]);
  const weight = parameterOf(where, module, name);
  const transposed = [ConvTranspose1d, ConvTranspose2d, ConvTranspose3d].some((kind) => module instanceof kind);
  const steps = checkCount(where, "nPowerIterations", options.nPowerIterations ?? 1, 1);
  const eps = checkPositive(where, "eps", options.eps, 1e-12);
  const dim = options.dim ?? (transposed ? 1 : 0);
  if (weight.ndim > 1 && (!Number.isInteger(dim) || dim < -weight.ndim || dim >= weight.ndim))
    throw new ShapeError(`${where}: dim ${dim} is none of ${text(weight.shape)}`);
  const place = dim < 0 ? dim + weight.ndim : dim;
  return registerParametrization(module, name, new SpectralNorm(weight, steps, place, eps));
}
