import { checkOptions, DTypeError, ShapeError, show, ValueError } from "../../errors.js";
import { isFloat } from "../../dtype.js";
import { text } from "../../shape.js";
import { composite, type Tensor } from "../../tensor.js";
import { toFloat } from "../cast.js";
import { checkTensor } from "../define.js";
import { toShape } from "../view.js";

/** The options of `cov`. */
export interface CovOptions {
  /** What is taken from the count. Default 1. */
  readonly correction?: number;
  /** How often each observation stands: int32, [observations]. */
  readonly fweights?: Tensor;
  /** How much each observation counts: float, [observations]. */
  readonly aweights?: Tensor;
}

/**
 * Computes the covariances of variables (rows) over observations (columns): [variables, variables]; of a vector, its
 * variance. Gradient: through the products of the deviations from the means. Same as torch.cov.
 *
 * @throws ShapeError for more than two dims, or weights of another length.
 *
 * @example
 * cov(tensor([[0, 1, 2], [2, 1, 0]])); // tensor([[ 1., -1.], [-1.,  1.]])
 */
export const cov: (x: Tensor, options?: CovOptions) => Tensor = composite((x: Tensor, options: CovOptions = {}) => {
  checkTensor("cov", x);
  checkOptions("cov", options, ["correction", "fweights", "aweights"]);
  if (x.ndim > 2) throw new ShapeError(`cov: takes up to two dims, got ${text(x.shape)}`);
  if (x.dtype === "bool") throw new DTypeError("cov: not defined for bool", 'convert it with x.to("float32")');
  const { correction = 1, fweights, aweights } = options;
  if (!Number.isInteger(correction))
    throw new ValueError(`cov: correction must be an integer, got ${show(correction)}`);
  const rows = toFloat(x.ndim === 2 ? x : toShape(x, [1, x.numel()]));
  const count = rows.shape[1]!;
  checkWeights("fweights", fweights, count, (dtype) => dtype === "int32");
  checkWeights("aweights", aweights, count, isFloat);
  const weights = [fweights?.to(rows.dtype), aweights].filter((w) => w !== undefined);
  const weight = weights.length === 2 ? weights[0]!.mul(weights[1]!) : weights[0];
  const total = weight?.sum();
  const mean =
    weight === undefined ? rows.mean(1, { keepdim: true }) : rows.mul(weight).sum(1, { keepdim: true }).div(total!);
  const deviation = rows.sub(mean);
  const other = weight === undefined ? deviation : deviation.mul(weight);
  const products = deviation.matmul(other.transpose(0, 1));
  const norm =
    total === undefined
      ? Math.max(0, count - correction)
      : aweights === undefined || correction === 0
        ? total.sub(correction).clamp(0)
        : total.sub(weight!.mul(aweights).sum().mul(correction).div(total)).clamp(0);
  const covariances = products.div(norm);
  return x.ndim === 2 ? covariances : toShape(covariances, []);
});

function checkWeights(
  name: string,
  weights: Tensor | undefined,
  count: number,
  fits: (dtype: Tensor["dtype"]) => boolean,
): void {
  if (weights === undefined) return;
  checkTensor("cov", weights);
  if (weights.ndim !== 1 || weights.numel() !== count)
    throw new ShapeError(`cov: ${name} must be [${count}], one for each observation, got ${text(weights.shape)}`);
  if (!fits(weights.dtype))
    throw new DTypeError(`cov: ${name} must be ${name === "fweights" ? "int32" : "float"}, got ${weights.dtype}`);
}

/**
 * Computes the correlation coefficients of variables (rows) over observations, within [-1, 1]. Gradient: as of `cov`,
 * through the division by the deviations too. Same as torch.corrcoef.
 */
export const corrcoef: (x: Tensor) => Tensor = composite((x: Tensor) => {
  const covariances = cov(x);
  if (covariances.ndim === 0) return covariances.div(covariances);
  const spread = covariances.diagonal().sqrt();
  return covariances.div(spread.unsqueeze(1)).div(spread.unsqueeze(0)).clamp(-1, 1);
});
