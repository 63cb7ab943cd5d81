import { ShapeError } from "../errors.js";
import { checkTensor } from "../ops/define.js";
import { sameShape, text } from "../shape.js";
import { composite, type Tensor } from "../tensor.js";
import { checkMatrices, transposed } from "./matrices.js";
import { qr } from "./qr.js";
import { solveTriangular } from "./triangular.js";

/**
 * Solves least squares: the x that makes |a x - b| least, for a of full rank, [..., m, n], and b, [..., m, k]; where m < n
 * the shortest of those that solve it. By QR, as LAPACK's gels. Gives [solution, residuals]: residuals are the squared
 * lengths of what is left, [..., k], and empty where m ≤ n. Gradients: through `qr` and `solveTriangular`. Same as
 * torch.linalg.lstsq, but for the rank, which it does not look for.
 *
 * @throws ShapeError for shapes that do not fit; DTypeError for ints.
 *
 * @example
 * const [line] = linalg.lstsq(tensor([[1, 1], [2, 1], [3, 1]]), tensor([[3], [5], [7]]));
 * console.log(line); // tensor([[2.0000], [1.0000]])
 */
export const lstsq: (a: Tensor, b: Tensor) => [solution: Tensor, residuals: Tensor] = composite(
  (a: Tensor, b: Tensor): [Tensor, Tensor] => {
    checkMatrices("lstsq", a);
    checkTensor("lstsq", b);
    const vector = b.ndim === a.ndim - 1 && sameShape(b.shape, a.shape.slice(0, -1));
    const columns = vector ? b.unsqueeze(-1) : b;
    if (columns.ndim < 2 || columns.shape.at(-2) !== a.shape.at(-2))
      throw new ShapeError(`lstsq: ${text(b.shape)} has not ${a.shape.at(-2)!} rows, as ${text(a.shape)} asks for`);
    const [m, n] = a.shape.slice(-2) as [number, number];
    const solution = m >= n ? tall(a, columns) : wide(a, columns);
    const rest = a.matmul(solution).sub(columns);
    const residuals = m > n ? rest.mul(rest).sum(-2) : rest.detach().narrow(-2, 0, 0).narrow(-1, 0, 0).sum(-2);
    return vector ? [solution.squeeze(-1), m > n ? residuals.squeeze(-1) : residuals] : [solution, residuals];
  },
);

function tall(a: Tensor, b: Tensor): Tensor {
  const [q, r] = qr(a);
  return solveTriangular(r, transposed(q).matmul(b), { upper: true });
}

/** a = Rᵀ Qᵀ: x = Q inv(Rᵀ) b. */
function wide(a: Tensor, b: Tensor): Tensor {
  const [q, r] = qr(transposed(a));
  return q.matmul(solveTriangular(transposed(r), b, { upper: false }));
}
