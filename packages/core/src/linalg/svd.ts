import { AutogradFunction, type FunctionContext } from "../autograd/custom-function.js";
import { checkFlag, checkOptions } from "../errors.js";
import { pad } from "../ops/padding.js";
import { toExpanded } from "../ops/view.js";
import { where } from "../ops/where.js";
import { composite, type Tensor } from "../tensor.js";
import { oneSided } from "./jacobi.js";
import { checkMatrices, stacked, transposed, unit, unstacked } from "./matrices.js";
import { reflected } from "./qr.js";

/** The distance from 1 to the next number. */
export const epsilon = (dtype: string): number => (dtype === "float64" ? 2 ** -52 : 2 ** -23);

/** Columns of length 1 or 0, [batch, m, k], made an orthonormal basis of `count` columns: those of length 0 are chosen anew. */
function completed(columns: Tensor, count: number): Tensor {
  const { q, r } = reflected(pad(columns, [0, count - columns.shape[2]!]));
  const signs = r.diagonal(0, 1, 2).narrow(1, 0, count);
  return q.narrow(2, 0, count).mul(where(signs.lt(0), -1, 1).unsqueeze(1));
}

/** U [batch, m, k], S [batch, k] and V [batch, n, k] with k = min(m, n). */
function decomposed(x: Tensor): { u: Tensor; s: Tensor; v: Tensor } {
  const [m, n] = x.shape.slice(1) as [number, number];
  if (m < n) {
    const { u, s, v } = decomposed(transposed(x));
    return { u: v, s, v: u };
  }
  const { us, s, v } = oneSided(x);
  const nothing = s.le(s.amax(1, { keepdim: true }).mul(epsilon(x.dtype) * m));
  const u = where(nothing.unsqueeze(1), 0, us.div(where(nothing, 1, s).unsqueeze(1)));
  return { u: completed(u, n), s, v };
}

/**
 * U (skew(Uᵀ gU) / E S + S skew(Vᵀ gV) / E + diag(gS)) Vᵀ with Eᵢⱼ = sⱼ² - sᵢ², and what of gU and gV lies outside of the
 * spans of U and V (J. Townsend, Differentiating the singular value decomposition, 2016).
 */
class SVD extends AutogradFunction {
  static forward(ctx: FunctionContext, x: Tensor): Tensor[] {
    const { u, s, v } = decomposed(x);
    ctx.saveForBackward(u, s, v);
    return [u, s, v];
  }
  static backward(ctx: FunctionContext, toU: Tensor, toS: Tensor, toV: Tensor): Tensor {
    const [u, s, v] = ctx.savedTensors as [Tensor, Tensor, Tensor];
    const k = s.shape[1]!;
    const diagonal = unit(k, s).ne(0);
    const squares = s.mul(s);
    const gaps = where(diagonal, 1, squares.unsqueeze(1).sub(squares.unsqueeze(2)));
    const skew = (x: Tensor): Tensor => x.sub(transposed(x)).div(gaps);
    const [ofU, ofV] = [transposed(u).matmul(toU), transposed(v).matmul(toV)];
    const inner = skew(ofU)
      .mul(s.unsqueeze(1))
      .add(skew(ofV).mul(s.unsqueeze(2)));
    const both = where(diagonal, toS.unsqueeze(1), inner);
    let grad = u.matmul(both).matmul(transposed(v));
    if (u.shape[1]! > k) grad = grad.add(toU.sub(u.matmul(ofU)).div(s.unsqueeze(1)).matmul(transposed(v)));
    if (v.shape[1]! > k) grad = grad.add(u.matmul(transposed(toV.sub(v.matmul(ofV)).div(s.unsqueeze(1)))));
    return grad;
  }
}

/** What `linalg.svd` takes. */
export interface SVDOptions {
  /** Make U and Vᵀ square; the columns that are added have no gradient. Default true. */
  readonly fullMatrices?: boolean;
}

type Svd = (x: Tensor, options?: SVDOptions) => [u: Tensor, s: Tensor, vh: Tensor];

/**
 * Decomposes matrices as x = U diag(S) Vᵀ: [U, S, Vᵀ], the singular values S falling. By one-sided Jacobi rotations, so
 * small singular values are as exact as large ones. The sign of a pair of columns is free; gradients through U and V need
 * singular values that differ. Same as torch.linalg.svd.
 *
 * @throws DTypeError for ints.
 *
 * @example
 * const [u, s, vh] = linalg.svd(tensor([[3, 0], [0, -4]]), { fullMatrices: false });
 * console.log(s); // tensor([4., 3.])
 */
export const svd: Svd = composite((x: Tensor, options: SVDOptions = {}): [Tensor, Tensor, Tensor] => {
  checkMatrices("svd", x);
  checkOptions("svd", options, ["fullMatrices"]);
  const { fullMatrices = true } = options;
  checkFlag("svd: fullMatrices", fullMatrices);
  const lead = x.shape.slice(0, -2);
  const [m, n] = x.shape.slice(-2) as [number, number];
  if (x.numel() === 0) {
    const k = Math.min(m, n);
    const basis = (size: number): Tensor =>
      toExpanded(unit(size, x).narrow(1, 0, fullMatrices ? size : k), [...lead, size, fullMatrices ? size : k]).clone();
    return [basis(m), x.narrow(m < n ? -1 : -2, 0, 0).sum(m < n ? -1 : -2), transposed(basis(n))];
  }
  const [u, s, v] = SVD.apply(stacked(x)) as [Tensor, Tensor, Tensor];
  const whole = (basis: Tensor, size: number): Tensor =>
    fullMatrices && basis.shape[2]! < size ? completed(basis.detach(), size) : basis;
  return [unstacked(whole(u, m), lead), unstacked(s, lead), unstacked(transposed(whole(v, n)), lead)];
});

/**
 * Computes the singular values of matrices, falling; see `svd`. Gradient: U diag(grad) Vᵀ. Same as torch.linalg.svdvals.
 */
export const svdvals: (x: Tensor) => Tensor = composite((x: Tensor) => svd(x, { fullMatrices: false })[1]);

/** Which singular values count, for `linalg.matrixRank` and `linalg.pinv`. */
export interface RankOptions {
  /** What counts as 0: singular values up to this. Default the greater of the two below. */
  readonly atol?: number;
  /** The same, as a share of the largest one. Default, without atol: the larger side times the dtype's epsilon. */
  readonly rtol?: number;
}

/** Which singular values count: above the tolerance. */
function counted(x: Tensor, s: Tensor, options: RankOptions): Tensor {
  const { atol = 0, rtol = options.atol === undefined ? epsilon(x.dtype) * Math.max(...x.shape.slice(-2)) : 0 } =
    options;
  return s.gt(s.amax(-1, { keepdim: true }).mul(rtol).maximum(atol));
}

/**
 * Counts the singular values that are not 0 to rounding: int32. No gradient: int32 has none. Same as
 * torch.linalg.matrix_rank.
 */
export const matrixRank: (x: Tensor, options?: RankOptions) => Tensor = composite(
  (x: Tensor, options: RankOptions = {}) => {
    checkMatrices("matrixRank", x);
    checkOptions("matrixRank", options, ["atol", "rtol"]);
    return x.numel() === 0 ? x.ne(x).sum([-2, -1]) : counted(x, svdvals(x).detach(), options).sum(-1);
  },
);

/**
 * Computes the pseudoinverse by the singular values that are not 0 to rounding: [..., m, n] gives [..., n, m]. Gradient:
 * through `svd`. Same as torch.linalg.pinv.
 */
export const pinv: (x: Tensor, options?: RankOptions) => Tensor = composite((x: Tensor, options: RankOptions = {}) => {
  checkMatrices("pinv", x);
  checkOptions("pinv", options, ["atol", "rtol"]);
  if (x.numel() === 0) return transposed(x).clone();
  const [u, s, vh] = svd(x, { fullMatrices: false });
  const counts = counted(x, s, options);
  const inverse = where(counts, where(counts, s, 1).reciprocal(), 0);
  return transposed(vh).mul(inverse.unsqueeze(-2)).matmul(transposed(u));
});
