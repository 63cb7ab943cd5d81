import { IndexError, ShapeError, show } from "../errors.js";
import { checkCount, checkDim, text } from "../shape.js";
import { composite, type Tensor } from "../tensor.js";
import { checkTensor } from "./define.js";
import { slice, toShape } from "./view.js";

/** Finds the dim to cut along, which a 0-d tensor does not have. */
function cutDim(where: string, x: Tensor, dim: number): number {
  checkTensor(where, x);
  if (x.ndim === 0) throw new ShapeError(`${where}: a 0-d tensor has no dim to cut along`, "write x.reshape([1])");
  return checkDim(where, dim, x.ndim);
}

/**
 * Takes `length` elements from `start` along `dim`; a negative start counts from the end. The start is passed at run time:
 * another one is the same Program. Gradient: grad at the elements taken, else 0. Same as torch.narrow.
 */
export function narrow(x: Tensor, dim: number, start: number, length: number): Tensor {
  const d = cutDim("narrow", x, dim);
  const size = x.shape[d]!;
  checkCount("narrow", "length", length);
  const first = start < 0 ? start + size : start;
  if (!Number.isInteger(first) || first < 0 || first + length > size) {
    throw new IndexError(
      `narrow: start ${show(start)} and length ${length} do not fit dim ${dim} of ${text(x.shape)}`,
      `it has ${size} elements`,
    );
  }
  return slice(x, d, first, length);
}

/** Cuts `x` along `dim` into parts of these sizes. */
function parts(x: Tensor, sizes: readonly number[], dim: number): Tensor[] {
  let start = 0;
  return sizes.map((size) => slice(x, dim, (start += size) - size, size));
}

/** Sizes that are `size`, but for a smaller last one. */
const equalSizes = (total: number, size: number): number[] =>
  Array.from({ length: Math.max(1, Math.ceil(total / size)) }, (_, i) => Math.min(size, total - i * size));

type Split = (x: Tensor, sizes: number | readonly number[], dim?: number) => Tensor[];

/**
 * Cuts along `dim` into parts of one size, the last perhaps smaller, or into parts of the sizes listed, which must add up.
 * Gradient: the parts' grads, joined. Same as torch.split.
 *
 * @example
 * const [a, b] = rand([10, 4]).split([8, 2]); // shapes [8, 4] and [2, 4]
 */
export const split: Split = composite((x: Tensor, sizes: number | readonly number[], dim = 0): Tensor[] => {
  const d = cutDim("split", x, dim);
  const total = x.shape[d]!;
  if (typeof sizes === "number") {
    checkCount("split", "the size of the parts", sizes, total === 0 ? 0 : 1);
    return parts(x, equalSizes(total, Math.max(1, sizes)), d);
  }
  if (!Array.isArray(sizes)) throw new ShapeError(`split: takes a size or an array of sizes, got ${show(sizes)}`);
  const list = sizes as readonly number[];
  if (list.some((size) => !Number.isInteger(size) || size < 0) || list.reduce((sum, size) => sum + size, 0) !== total) {
    throw new ShapeError(
      `split: sizes ${show(list)} do not add up to ${total}, the size of dim ${dim} of ${text(x.shape)}`,
    );
  }
  return parts(x, list, d);
});

type Chunk = (x: Tensor, chunks: number, dim?: number) => Tensor[];

/**
 * Cuts along `dim` into up to `chunks` parts of one size, the last perhaps smaller. Gradient: the parts' grads, joined.
 * Same as torch.chunk.
 */
export const chunk: Chunk = composite((x: Tensor, chunks: number, dim = 0): Tensor[] => {
  const d = cutDim("chunk", x, dim);
  checkCount("chunk", "chunks", chunks, 1);
  const total = x.shape[d]!;
  return parts(x, total === 0 ? new Array<number>(chunks).fill(0) : equalSizes(total, Math.ceil(total / chunks)), d);
});

type Unbind = (x: Tensor, dim?: number) => Tensor[];

/** Gives the slices along `dim` one by one, without that dim. Gradient: the parts' grads, joined. Same as torch.unbind. */
export const unbind: Unbind = composite((x: Tensor, dim = 0): Tensor[] => {
  const d = cutDim("unbind", x, dim);
  const shape = x.shape.toSpliced(d, 1);
  return Array.from({ length: x.shape[d]! }, (_, i) => toShape(slice(x, d, i, 1), shape));
});
