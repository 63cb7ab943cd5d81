import { ShapeError } from "../errors.js";
import { checkDim, inferShape, type Sizes, sizesOf, text } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { flipped, slice, toExpanded, toOrder, toShape } from "./view.js";

/** Gives the elements, in order, another shape of the same size; one size may be -1. Same as torch.reshape. */
export function reshape(x: Tensor, ...shape: Sizes): Tensor {
  return toShape(x, inferShape("reshape", x.shape, sizesOf("reshape", shape)));
}

/** Puts the dims in another order: dim `i` of the result is dim `dims[i]` of the input. Same as torch.permute. */
export function permute(x: Tensor, ...dims: Sizes): Tensor {
  const order = sizesOf("permute", dims).map((dim) => checkDim("permute", dim, x.ndim));
  if (order.length !== x.ndim || new Set(order).size !== order.length) {
    throw new ShapeError(`permute: needs each of the ${x.ndim} dims of ${text(x.shape)} once, got ${text(order)}`);
  }
  return toOrder(x, order);
}

/** Swaps two dims. Same as torch.transpose. */
export function transpose(x: Tensor, dim0: number, dim1: number): Tensor {
  const a = checkDim("transpose", dim0, x.ndim);
  const b = checkDim("transpose", dim1, x.ndim);
  if (a === b) return x;
  const order = x.shape.map((_, i) => (i === a ? b : i === b ? a : i));
  return toOrder(x, order);
}

/**
 * Repeats dims of size 1 without copying, and adds dims in front; -1 keeps a size. Same as torch.Tensor.expand.
 */
export function expand(x: Tensor, ...shape: Sizes): Tensor {
  const target = sizesOf("expand", shape);
  const lead = target.length - x.ndim;
  const out = target.map((size, i) => (size === -1 && i >= lead ? x.shape[i - lead]! : size));
  if (lead < 0 || out.some((size, i) => size < 0 || (i >= lead && x.shape[i - lead] !== 1 && x.shape[i - lead] !== size))) {
    throw new ShapeError(`expand: ${text(x.shape)} does not expand to ${text(target)}`, "only sizes of 1 expand; new dims go in front");
  }
  return toExpanded(x, out);
}

/** Reverses the order of the elements along dims. Same as torch.flip. */
export function flip(x: Tensor, ...dims: Sizes): Tensor {
  const list = sizesOf("flip", dims).map((dim) => checkDim("flip", dim, x.ndim));
  if (new Set(list).size !== list.length) throw new ShapeError(`flip: a dim appears twice in ${text(list)}`);
  return flipped(x, list);
}

/** Takes `length` elements from `start` along `dim`. Same as torch.narrow. */
export function narrow(x: Tensor, dim: number, start: number, length: number): Tensor {
  const d = checkDim("narrow", dim, x.ndim);
  const size = x.shape[d] ?? 0;
  const first = start < 0 ? start + size : start;
  if (x.ndim === 0 || !Number.isInteger(first) || !Number.isInteger(length) || length < 0 || first < 0 || first + length > size) {
    throw new ShapeError(`narrow: start ${start} and length ${length} do not fit dim ${dim} of ${text(x.shape)}`);
  }
  return slice(x, d, first, length);
}
