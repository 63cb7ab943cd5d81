import { ShapeError, show } from "../errors.js";
import { checkDim, sizeOf, text } from "../shape.js";
import { composite, scalar, type Tensor } from "../tensor.js";
import { where } from "./where.js";
import { checkTensor } from "./define.js";
import { iota } from "./index-access.js";
import { copied, sliceAt, toOrder, toShape, unslice } from "./view.js";

/** Checks a diagonal's number: 0 is the main one, positive ones lie above it, negative ones below. */
function checkDiagonal(name: string, diagonal: number): number {
  if (!Number.isInteger(diagonal))
    throw new ShapeError(`${name}: the diagonal must be an integer, got ${show(diagonal)}`);
  return diagonal;
}

type Part = (x: Tensor, diagonal?: number) => Tensor;

/** Keeps the elements that stand where `keeps` holds for (column - row, diagonal), and puts zeros elsewhere. */
const triangle = (name: string, keeps: (offset: Tensor, diagonal: number) => Tensor): Part =>
  composite((x: Tensor, diagonal = 0): Tensor => {
    checkTensor(name, x);
    checkDiagonal(name, diagonal);
    if (x.ndim < 2) throw new ShapeError(`${name}: needs a matrix or a stack of them, got ${text(x.shape)}`);
    const rows = iota(x.shape[x.ndim - 2]!, x.device);
    const columns = iota(x.shape[x.ndim - 1]!, x.device);
    return where(keeps(columns.sub(rows.unsqueeze(1)), diagonal), x, scalar(0, x.dtype, x.device));
  });

/**
 * Keeps the lower triangle of the last two dims, up to `diagonal` (1: one above the main diagonal), and puts zeros above.
 * Another diagonal is the same Program. Gradient: grad where elements are kept, else 0. Same as torch.tril.
 */
export const tril: Part = triangle("tril", (offset, diagonal) => offset.le(diagonal));

/**
 * Keeps the upper triangle of the last two dims, from `diagonal` on, and puts zeros below. Gradient: grad where elements
 * are kept, else 0. Same as torch.triu.
 */
export const triu: Part = triangle("triu", (offset, diagonal) => offset.ge(diagonal));

type Diagonal = (x: Tensor, offset?: number, dim1?: number, dim2?: number) => Tensor;

/**
 * Takes the diagonal of the matrices in two dims; it becomes the last dim. Gradient: grad on the diagonal, else 0. Same as
 * torch.diagonal.
 */
export const diagonal: Diagonal = composite((x: Tensor, offset = 0, dim1 = 0, dim2 = 1): Tensor => {
  checkTensor("diagonal", x);
  checkDiagonal("diagonal", offset);
  const a = checkDim("diagonal", dim1, x.ndim);
  const b = checkDim("diagonal", dim2, x.ndim);
  if (a === b) throw new ShapeError(`diagonal: needs two different dims of ${text(x.shape)}, got ${dim1} and ${dim2}`);
  const rest = x.shape.map((_, dim) => dim).filter((dim) => dim !== a && dim !== b);
  const [rows, columns] = [x.shape[a]!, x.shape[b]!];
  const lead = rest.map((dim) => x.shape[dim]!);
  // The diagonal of a flattened matrix is every (columns + 1)-th element, from the first of it on.
  const flat = toShape(toOrder(x, [...rest, a, b]), [...lead, rows * columns]);
  const length = Math.max(0, offset >= 0 ? Math.min(rows, columns - offset) : Math.min(rows + offset, columns));
  return sliceAt(
    flat,
    rest.length,
    scalar(length === 0 ? 0 : first(offset, columns), "int32", x.device),
    length,
    columns + 1,
  );
});

const first = (offset: number, columns: number): number => (offset >= 0 ? offset : -offset * columns);

/**
 * Makes the matrix with a vector on its diagonal, or takes the diagonal of a matrix. Gradient: grad on the diagonal, else
 * 0. Same as torch.diag.
 */
export const diag: Part = composite((x: Tensor, offset = 0): Tensor => {
  checkTensor("diag", x);
  checkDiagonal("diag", offset);
  if (x.ndim === 2) return copied(diagonal(x, offset));
  if (x.ndim !== 1)
    throw new ShapeError(
      `diag: takes a vector or a matrix, got ${text(x.shape)}`,
      "diagonals of a stack of matrices: x.diagonal(0, -2, -1)",
    );
  const size = x.numel() + Math.abs(offset);
  const square = unslice(
    x,
    0,
    scalar(x.numel() === 0 ? 0 : first(offset, size), "int32", x.device),
    sizeOf([size, size]),
    size + 1,
  );
  return copied(toShape(square, [size, size]));
});
