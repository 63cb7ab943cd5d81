import { checkDType, isFloat } from "../../dtype.js";
import { checkOptions, DTypeError, ShapeError, show, ValueError } from "../../errors.js";
import { checkDims, text } from "../../shape.js";
import { composite, type Tensor } from "../../tensor.js";
import { cast, throughFloat32 } from "../cast.js";
import { where } from "../where.js";
import { checkTensor } from "../define.js";
import { type Dims, type ReduceOptions, type SumOptions, sumOver } from "../reduce.js";

function checkFloat(name: string, x: Tensor, dtype = x.dtype): void {
  if (isFloat(checkDType(name, dtype))) return;
  const how = name === "mean" ? `x.mean(dim, { dtype: "float32" })` : `x.to("float32").${name}(…)`;
  throw new DTypeError(`${name}: needs a float dtype, got ${dtype}`, `write ${how}`);
}

/** How many elements are reduced to one. */
function countOf(x: Tensor, dims: readonly number[]): number {
  let count = 1;
  for (let i = 0; i < dims.length; i++) count *= x.shape[dims[i]!]!;
  return count;
}

const sumOptions: readonly string[] = ["keepdim", "dtype"];

type Mean = (x: Tensor, dim?: Dims | null, options?: SumOptions) => Tensor;

/** Averages over dims, or all of them; of nothing it is NaN. Gradient: grad / count. Same as torch.mean. */
export const mean: Mean = composite((x: Tensor, dim?: Dims | null, options?: SumOptions): Tensor => {
  checkTensor("mean", x);
  checkOptions("mean", options, sumOptions);
  const dims = checkDims("mean", dim, x.ndim);
  const dtype = options?.dtype ?? x.dtype;
  checkFloat("mean", x, dtype);
  const wide = dtype === "float16" ? "float32" : dtype;
  return cast(sumOver(x, dims, options?.keepdim ?? false, wide).div(countOf(x, dims)), dtype);
});

/** The options of `var` and `std`. */
export interface VarianceOptions extends ReduceOptions {
  /** What is taken from the count in the divisor. Default 1, Bessel's correction. */
  readonly correction?: number;
  /** true: a correction of 1; false: of 0. */
  readonly unbiased?: boolean;
}

type Variance = (x: Tensor, dim?: Dims | null, options?: VarianceOptions) => Tensor;

/** What `of` makes of Σ (x - mean)² / (count - correction), in two passes: nothing cancels when the mean is large. */
function checkedVariance(
  name: string,
  x: Tensor,
  dim: Dims | null | undefined,
  options: VarianceOptions,
  of: (variance: Tensor) => Tensor,
): Tensor {
  checkTensor(name, x);
  checkOptions(name, options, ["keepdim", "correction", "unbiased"]);
  checkFloat(name, x);
  const { correction, unbiased, keepdim = false } = options;
  if (correction !== undefined && unbiased !== undefined) {
    throw new ValueError(`${name}: takes correction or unbiased, got both: ${show(correction)} and ${show(unbiased)}`);
  }
  const taken = correction ?? (unbiased === false ? 0 : 1);
  if (typeof taken !== "number" || Number.isNaN(taken))
    throw new ValueError(`${name}: correction must be a number, got ${show(taken)}`);
  const dims = checkDims(name, dim, x.ndim);
  return throughFloat32(x, (wide) => {
    const deviation = wide.sub(wide.mean(dims, { keepdim: true }));
    return of(
      deviation
        .mul(deviation)
        .sum(dims, { keepdim })
        .div(Math.max(0, countOf(x, dims) - taken)),
    );
  });
}

const computeVar: Variance = composite((x: Tensor, dim?: Dims | null, options: VarianceOptions = {}): Tensor =>
  checkedVariance("var", x, dim, options, (v) => v),
);

/**
 * Computes the variance over dims, or of all elements: Σ (x - mean)² / (count - correction), NaN where that divides 0 by
 * 0. Gradient: grad · 2 (x - mean) / (count - correction). Same as torch.var; as a function, `import { var as variance }`.
 *
 * @example
 * tensor([1, 2, 4]).var(0, { correction: 0 }); // tensor(1.5556)
 */
export { computeVar as var };

/** Computes the standard deviation, the root of `var`; its gradient at 0 is 0. Same as torch.std. */
export const std: Variance = composite((x: Tensor, dim?: Dims | null, options: VarianceOptions = {}): Tensor =>
  checkedVariance("std", x, dim, options, (v) => flatRoot(v, (it) => it.sqrt())),
);

/** A root whose gradient at 0 is 0, not infinite: 0 is not passed through it. */
function flatRoot(x: Tensor, root: (x: Tensor) => Tensor): Tensor {
  const zero = x.eq(0);
  return where(zero, 0, root(where(zero, 1, x)));
}

type Norm = (x: Tensor, p?: number | "fro", dim?: Dims | null, options?: SumOptions) => Tensor;

/**
 * Computes the p-norm over dims, or of all elements: (Σ |x|ᵖ)^(1/p); p = 2 by default ("fro" is the same), the greatest
 * |x| for Infinity, the least for -Infinity, the number of nonzero elements for 0. The gradient is 0 where the norm is 0.
 * Same as torch.norm.
 *
 * @throws DTypeError for ints and bools. ShapeError for the greatest or least of nothing.
 *
 * @example
 * tensor([3, -4]).norm(); // tensor(5.)
 * tensor([[3, -4], [1, 1]]).norm(1, 1); // tensor([7., 2.])
 */
export const norm: Norm = composite(
  (x: Tensor, p: number | "fro" = 2, dim?: Dims | null, options: SumOptions = {}): Tensor => {
    checkTensor("norm", x);
    checkOptions("norm", options, sumOptions);
    if (p !== "fro" && (typeof p !== "number" || Number.isNaN(p)))
      throw new ValueError(`norm: p must be a number or "fro", got ${show(p)}`);
    checkFloat("norm", x, options.dtype);
    const y = options.dtype === undefined ? x : x.to(options.dtype);
    const dims = checkDims("norm", dim, x.ndim);
    return throughFloat32(y, (it) => norms(it, p === "fro" ? 2 : p, dims, { keepdim: options.keepdim ?? false }));
  },
  "norm",
);

function norms(x: Tensor, p: number, dims: readonly number[], keep: ReduceOptions): Tensor {
  if (p === 2) return flatRoot(x.mul(x).sum(dims, keep), (s) => s.sqrt());
  if (p === 1) return x.abs().sum(dims, keep);
  if (p === 0) return x.ne(0).to(x.dtype).sum(dims, keep);
  if (Math.abs(p) === Infinity) {
    if (countOf(x, dims) === 0)
      throw new ShapeError(
        `norm: ${text(x.shape)} has no elements to take the ${p > 0 ? "greatest" : "least"} of`,
        "leave empty tensors out",
      );
    return p > 0 ? x.abs().amax(dims, keep) : x.abs().amin(dims, keep);
  }
  // Below p = 1 the gradient of |x|ᵖ is infinite at 0, where PyTorch takes 0.
  const zero = x.eq(0);
  const powers = where(zero, 0 ** p, where(zero, 1, x.abs()).pow(p));
  return flatRoot(powers.sum(dims, keep), (s) => s.pow(1 / p));
}
