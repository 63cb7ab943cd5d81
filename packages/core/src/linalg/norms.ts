import { checkOptions, ShapeError, show, ValueError } from "../errors.js";
import { checkDim } from "../shape.js";
import type { Dims, SumOptions } from "../ops/reduce.js";
import { checkFloat } from "../ops/define.js";
import { composite, type Tensor } from "../tensor.js";
import { checkMatrices, checkSquare } from "./matrices.js";
import { inv } from "./solve.js";
import { svdvals } from "./svd.js";

/** Computes the p-norm of vectors; see `norm`. Gradient: as of `norm`. Same as torch.linalg.vector_norm. */
export const vectorNorm: (x: Tensor, ord?: number, dim?: Dims | null, options?: SumOptions) => Tensor = composite(
  (x: Tensor, ord = 2, dim?: Dims | null, options: SumOptions = {}) => {
    checkFloat("vectorNorm", x);
    return x.norm(ord, dim, options);
  },
);

/** "fro" and "nuc": of all elements, and of the singular values; 2 and -2: the largest and the least singular value; 1, -1: of columns; Infinity, -Infinity: of rows. */
export type MatrixOrder = "fro" | "nuc" | number;

/** What `linalg.matrixNorm` takes. */
export interface MatrixNormOptions {
  readonly keepdim?: boolean;
}

type MatrixNorm = (
  x: Tensor,
  ord?: MatrixOrder,
  dim?: readonly [number, number],
  options?: MatrixNormOptions,
) => Tensor;

/**
 * Computes the norm of matrices in two dims. Gradient: as of `norm`, or through the singular values. Same as
 * torch.linalg.matrix_norm.
 */
export const matrixNorm: MatrixNorm = composite(
  (x: Tensor, ord: MatrixOrder = "fro", dim: readonly [number, number] = [-2, -1], options: MatrixNormOptions = {}) => {
    checkMatrices("matrixNorm", x);
    checkOptions("matrixNorm", options, ["keepdim"]);
    const [a, b] = [checkDim("matrixNorm", dim[0], x.ndim), checkDim("matrixNorm", dim[1], x.ndim)];
    if (a === b) throw new ShapeError(`matrixNorm: needs two different dims, got ${show(dim)}`);
    const found = normOf(x.movedim([a, b], [-2, -1]), ord);
    return options.keepdim === true ? found.reshape(x.shape.map((size, i) => (i === a || i === b ? 1 : size))) : found;
  },
);

function normOf(x: Tensor, ord: MatrixOrder): Tensor {
  switch (ord) {
    case "fro":
      return x.norm(2, [-2, -1]);
    case "nuc":
      return svdvals(x).sum(-1);
    case 2:
      return svdvals(x).amax(-1);
    case -2:
      return svdvals(x).amin(-1);
    case 1:
      return x.abs().sum(-2).amax(-1);
    case -1:
      return x.abs().sum(-2).amin(-1);
    case Infinity:
      return x.abs().sum(-1).amax(-1);
    case -Infinity:
      return x.abs().sum(-1).amin(-1);
    default:
      throw new ValueError(
        `matrixNorm: ord must be "fro", "nuc", 1, -1, 2, -2, Infinity or -Infinity, got ${show(ord)}`,
      );
  }
}

/**
 * Computes the condition number: the ratio of extreme singular values, or of norms of x and inv(x). Gradient: through the
 * singular values, or `inv` and the norms. Same as torch.linalg.cond.
 */
export const cond: (x: Tensor, p?: MatrixOrder) => Tensor = composite((x: Tensor, p: MatrixOrder = 2) => {
  checkMatrices("cond", x);
  if (p === 2 || p === -2) {
    const s = svdvals(x);
    const [most, least] = [s.amax(-1), s.amin(-1)];
    return p === 2 ? most.div(least) : least.div(most);
  }
  checkSquare("cond", x);
  return normOf(x, p).mul(normOf(inv(x), p));
});

/** Sums products along a dim. Gradients: grad · y and grad · x. Same as torch.linalg.vecdot. */
export const vecdot: (x: Tensor, y: Tensor, options?: { readonly dim?: number }) => Tensor = composite(
  (x: Tensor, y: Tensor, options: { readonly dim?: number } = {}) => {
    checkFloat("vecdot", x);
    checkOptions("vecdot", options, ["dim"]);
    return x.mul(y).sum(options.dim ?? -1);
  },
);
