import { AutogradFunction, type FunctionContext } from "../autograd/custom-function.js";
import { checkOptions, show, ValueError } from "../errors.js";
import { where } from "../ops/where.js";
import { composite, type Tensor } from "../tensor.js";
import { symmetricEigen } from "./jacobi.js";
import { checkSquare, stacked, transposed, unit, unstacked } from "./matrices.js";

/** V (diag(gL) + skew(Vᵀ gV) / (λⱼ - λᵢ)) Vᵀ (Giles 2008), the gradient of a symmetric matrix, not of its triangle: as in PyTorch. */
class Eigh extends AutogradFunction {
  static forward(ctx: FunctionContext, x: Tensor, lower: boolean): Tensor[] {
    const { values, vectors } = symmetricEigen(symmetric(x, lower));
    ctx.saveForBackward(values, vectors);
    return [values, vectors];
  }
  static backward(ctx: FunctionContext, toValues: Tensor, toVectors: Tensor): (Tensor | null)[] {
    const [values, vectors] = ctx.savedTensors as [Tensor, Tensor];
    const diagonal = unit(values.shape[1]!, values).ne(0);
    const gaps = where(diagonal, 1, values.unsqueeze(1).sub(values.unsqueeze(2)));
    const turn = transposed(vectors).matmul(toVectors);
    const inner = where(diagonal, toValues.unsqueeze(1), turn.sub(transposed(turn)).mul(0.5).div(gaps));
    return [vectors.matmul(inner).matmul(transposed(vectors)), null];
  }
}

/** What `linalg.eigh` and `linalg.eigvalsh` take. */
export interface EighOptions {
  /** Which triangle of x counts: "L" (default) or "U". */
  readonly UPLO?: "L" | "U";
}

/** The symmetric matrix that a triangle stands for. */
const symmetric = (x: Tensor, lower: boolean): Tensor =>
  lower ? x.tril().add(transposed(x.tril(-1))) : x.triu().add(transposed(x.triu(1)));

type Eigenpairs = (x: Tensor, options?: EighOptions) => [values: Tensor, vectors: Tensor];

/**
 * Decomposes symmetric matrices: [eigenvalues, eigenvectors], the values growing, the vectors in columns. By Jacobi's
 * method, so small eigenvalues are as exact as large ones. The sign of a vector is free, and the gradient of vectors of
 * equal values is not defined. Same as torch.linalg.eigh.
 *
 * @throws ShapeError for what is not square; DTypeError for ints.
 *
 * @example
 * const [values] = linalg.eigh(tensor([[2, 1], [1, 2]]));
 * console.log(values); // tensor([1.0000, 3.0000])
 */
export const eigh: Eigenpairs = composite((x: Tensor, options: EighOptions = {}): [Tensor, Tensor] => {
  checkSquare("eigh", x);
  checkOptions("eigh", options, ["UPLO"]);
  const { UPLO = "L" } = options;
  if (UPLO !== "L" && UPLO !== "U") throw new ValueError(`eigh: UPLO must be "L" or "U", got ${show(UPLO)}`);
  const lead = x.shape.slice(0, -2);
  if (x.numel() === 0) return [x.narrow(-1, 0, 0).sum(-1), x.clone()];
  const [values, vectors] = Eigh.apply(stacked(x), UPLO === "L") as [Tensor, Tensor];
  return [unstacked(values, lead), unstacked(vectors, lead)];
});

/**
 * Computes the eigenvalues of symmetric matrices, growing; see `eigh`. Gradient: V diag(grad) Vᵀ with the eigenvectors V.
 * Same as torch.linalg.eigvalsh.
 */
export const eigvalsh: (x: Tensor, options?: EighOptions) => Tensor = composite(
  (x: Tensor, options: EighOptions = {}) => eigh(x, options)[0],
);
