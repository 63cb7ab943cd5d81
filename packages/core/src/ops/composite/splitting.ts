import { ShapeError, show, ValueError } from "../../errors.js";
import { checkDim, text } from "../../shape.js";
import { composite, type Tensor } from "../../tensor.js";
import { checkTensor } from "../define.js";
import { slice } from "../view.js";

type Where = number | readonly number[];

function cut(name: string, x: Tensor, where: Where, dim: number): Tensor[] {
  if (x.ndim === 0) throw new ShapeError(`${name}: a 0-d tensor has no dim to cut along`, "write x.reshape([1])");
  const d = checkDim(name, dim, x.ndim);
  const size = x.shape[d]!;
  const bounds = typeof where === "number" ? equalBounds(name, size, where) : where;
  if (!Array.isArray(bounds) || !bounds.every((bound) => Number.isInteger(bound)))
    throw new ValueError(`${name}: takes a number of parts or an array of the places to cut at, got ${show(where)}`);
  // Places are as in a slice: negative ones count from the end, and beyond the end is the end.
  const ends = [...(bounds as number[]), size].map((end) => Math.min(Math.max(end < 0 ? end + size : end, 0), size));
  return ends.map((end, i) => {
    const start = i === 0 ? 0 : ends[i - 1]!;
    return slice(x, d, start, Math.max(0, end - start));
  });
}

/** Where to cut into `parts` parts: the first ones are one longer where they do not come out even. */
function equalBounds(name: string, size: number, parts: number): number[] {
  if (!Number.isInteger(parts) || parts < 1)
    throw new ValueError(`${name}: the number of parts must be a positive integer, got ${show(parts)}`);
  const [least, longer] = [Math.floor(size / parts), size % parts];
  return Array.from({ length: parts - 1 }, (_, i) => (i + 1) * least + Math.min(i + 1, longer));
}

type TensorSplit = (x: Tensor, where: number | readonly number[], dim?: number) => Tensor[];

/**
 * Cuts along `dim` into a number of parts, the first ones one longer where they do not come out even, or at places.
 * Gradient: the parts' grads, joined. Same as torch.tensor_split.
 *
 * @example
 * const parts = tensorSplit(arange(7), 3).map((part) => part.shape[0]); // [3, 2, 2]
 */
export const tensorSplit: TensorSplit = composite((x: Tensor, where: Where, dim = 0) => {
  checkTensor("tensorSplit", x);
  return cut("tensorSplit", x, where, dim);
});

type Split = (x: Tensor, where: number | readonly number[]) => Tensor[];

/* @__NO_SIDE_EFFECTS__ */
const along = (name: string, least: number, dimOf: (x: Tensor) => number): Split =>
  composite((x: Tensor, where: Where) => {
    checkTensor(name, x);
    if (x.ndim < least) throw new ShapeError(`${name}: needs ${least} dims or more, got ${text(x.shape)}`);
    const dim = dimOf(x);
    if (typeof where === "number" && x.shape[dim]! % where !== 0)
      throw new ShapeError(
        `${name}: ${x.shape[dim]!}, the size of dim ${dim} of ${text(x.shape)}, is no multiple of ${where}`,
        "tensorSplit(x, parts, dim) makes parts of different lengths",
      );
    return cut(name, x, where, dim);
  });

/**
 * Cuts columns (dim 1; dim 0 of a vector) into equal parts, or at places. Gradient: the parts' grads, joined. Same as
 * torch.hsplit.
 */
export const hsplit: Split = along("hsplit", 1, (x) => (x.ndim === 1 ? 0 : 1));
/** Cuts rows (dim 0) into equal parts, or at places. Gradient: the parts' grads, joined. Same as torch.vsplit. */
export const vsplit: Split = along("vsplit", 2, () => 0);
/** Cuts dim 2 into equal parts, or at places. Gradient: the parts' grads, joined. Same as torch.dsplit. */
export const dsplit: Split = along("dsplit", 3, () => 2);
