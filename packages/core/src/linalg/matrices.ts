import { DTypeError, ShapeError } from "../errors.js";
import { checkTensor } from "../ops/define.js";
import { iota } from "../ops/index-access.js";
import { toShape } from "../ops/view.js";
import { where } from "../ops/where.js";
import { type Shape, sizeOf, text } from "../shape.js";
import { scalar, type Tensor } from "../tensor.js";

// What the decompositions share. They are recurrences over steps, written with masks in the place of indices: a row that
// is taken is a sum in which all others are 0.

/** Checks a matrix or a stack of them, of a dtype that is exact enough. */
export function checkMatrices(name: string, x: Tensor): void {
  checkTensor(name, x);
  if (x.dtype !== "float32" && x.dtype !== "float64")
    throw new DTypeError(`${name}: needs float32 or float64, got ${x.dtype}`, 'convert it with x.to("float32")');
  if (x.ndim < 2) throw new ShapeError(`${name}: needs a matrix or a stack of them, got ${text(x.shape)}`);
}

/** Checks a square matrix or a stack of them. */
export function checkSquare(name: string, x: Tensor): void {
  checkMatrices(name, x);
  const [rows, columns] = x.shape.slice(-2);
  if (rows !== columns) throw new ShapeError(`${name}: needs square matrices, got ${text(x.shape)}`);
}

/** A tensor as a stack of matrices, [batch, rows, columns]. */
export function stacked(x: Tensor): Tensor {
  return toShape(x, [sizeOf(x.shape.slice(0, -2)), ...x.shape.slice(-2)]);
}

/** Gives a stack the leading dims that it had. */
export function unstacked(x: Tensor, lead: Shape): Tensor {
  return toShape(x, [...lead, ...x.shape.slice(1)]);
}

export const transposed = (x: Tensor): Tensor => x.transpose(-2, -1);

/** The unit matrix, [n, n]: its rows point at one place each. */
export function unit(n: number, near: Tensor): Tensor {
  const places = iota(n, near.device);
  return places.eq(places.unsqueeze(1)).to(near.dtype);
}

/** [n, n] with ones from each row's own place on. */
export function fromPlace(n: number, near: Tensor): Tensor {
  const places = iota(n, near.device);
  return places.ge(places.unsqueeze(1)).to(near.dtype);
}

/** Where `mask` holds x, and 0 elsewhere: not a product, in which NaN and infinities would spread. */
export function only(mask: Tensor, x: Tensor): Tensor {
  return where(mask, x, scalar(0, x.dtype, x.device));
}

/** The row at which `row` [batch or 1, n] points, of each matrix [batch, n, m]: [batch, m]. */
export function rowAt(x: Tensor, row: Tensor): Tensor {
  return only(row.unsqueeze(-1), x).sum(1);
}

/** The column at which `column` [batch or 1, m] points, of each matrix [batch, n, m]: [batch, n]. */
export function columnAt(x: Tensor, column: Tensor): Tensor {
  return only(column.unsqueeze(-2), x).sum(2);
}
