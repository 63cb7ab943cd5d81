import type { GradientRule } from "../autograd/rule.js";
import { defineOp, type Op } from "../program/node.js";
import { sameShape, type Shape } from "../shape.js";
import { apply, COPY, scalar, type Tensor } from "../tensor.js";
import { applyToOne, applyToTwo } from "./apply-to.js";

// The primitives that only move elements, for ops that have checked what they pass. Movement is their public door.

const RESHAPE: Op<GradientRule> = defineOp<GradientRule>("reshape", [({ grad, shape }) => toShape(grad, shape)]);
const PERMUTE: Op<GradientRule> = defineOp<GradientRule>("permute", [
  ({ grad, attrs }) => toOrder(grad, inverse(attrs)),
]);
const EXPAND: Op<GradientRule> = defineOp<GradientRule>("expand", [({ grad }) => grad]); // the driver sums it back
const FLIP: Op<GradientRule> = defineOp<GradientRule>("flip", [({ grad, attrs }) => flipped(grad, attrs)]);
const SLICE: Op<GradientRule> = defineOp<GradientRule>("slice", [
  ({ grad, y, attrs, shape }) => unslice(grad, attrs[0]!, y, shape[attrs[0]!]!, attrs[2]),
  null,
]);
const UNSLICE: Op<GradientRule> = defineOp<GradientRule>("unslice", [
  ({ grad, y, attrs, shape }) => sliceAt(grad, attrs[0]!, y, shape[attrs[0]!]!, attrs[2]),
  null,
]);

// attrs [dim, size, step, dilation]: out[…, i, j, …] = x[…, i · step + j · dilation, …].
const WINDOWS: Op<GradientRule> = defineOp<GradientRule>("windows", [
  ({ grad, attrs, shape }) => {
    const [dim, , step, dilation] = attrs as [number, number, number, number];
    return unwindowed(grad, dim, shape[dim]!, step, dilation);
  },
]);

// One rule for all inputs: each takes its part of the gradient.
const CAT: Op<GradientRule> = defineOp<GradientRule>("cat", [
  ({ grad, node, index, attrs, shape }) => {
    const dim = attrs[0]!;
    let start = 0;
    for (let i = 0; i < index; i++) start += node.parents[i]!.shape[dim]!;
    return slice(grad, dim, start, shape[dim]!);
  },
]);

const inverse = (order: readonly number[]): number[] => {
  const back = new Array<number>(order.length);
  for (let i = 0; i < order.length; i++) back[order[i]!] = i;
  return back;
};

/** @internal Reshapes to a shape known to fit. */
export function toShape(x: Tensor, shape: Shape): Tensor {
  return sameShape(shape, x.shape) ? x : applyToOne(RESHAPE, x, shape, shape, x.dtype);
}

/** @internal Expands to a shape known to fit. */
export function toExpanded(x: Tensor, shape: Shape): Tensor {
  return sameShape(shape, x.shape) ? x : applyToOne(EXPAND, x, shape, shape, x.dtype);
}

/** @internal Permutes by an order known to hold each dim once. Dims of size 1 may stand anywhere. */
export function toOrder(x: Tensor, order: readonly number[]): Tensor {
  const { shape } = x;
  let moved = false;
  for (let i = 0; i < order.length; i++) moved ||= order[i] !== i && (shape[order[i]!] !== 1 || shape[i] !== 1);
  if (!moved) return x;
  const permuted = shape.slice();
  for (let i = 0; i < order.length; i++) permuted[i] = shape[order[i]!]!;
  return applyToOne(PERMUTE, x, order, permuted, x.dtype);
}

function withSize(shape: Shape, dim: number, size: number): Shape {
  const changed = shape.slice();
  changed[dim] = size;
  return changed;
}

/** @internal Reverses along dims of 0..rank-1. */
export function flipped(x: Tensor, dims: readonly number[]): Tensor {
  return dims.length === 0 || x.ndim === 0 ? x : applyToOne(FLIP, x, dims, x.shape, x.dtype);
}

/** @internal Elements start, start + step, … along `dim`; `start` is a 0-d int32 tensor, known only at run time. */
export function sliceAt(x: Tensor, dim: number, start: Tensor, length: number, step = 1): Tensor {
  return applyToTwo(SLICE, x, start, [dim, length, step], withSize(x.shape, dim, length), x.dtype);
}

/** @internal The reverse of `sliceAt`: zeros of `size` along `dim`, with `x` at start, start + step, …. */
export function unslice(x: Tensor, dim: number, start: Tensor, size: number, step = 1): Tensor {
  return applyToTwo(UNSLICE, x, start, [dim, size, step], withSize(x.shape, dim, size), x.dtype);
}

/** @internal `sliceAt` for a start known now, passed as a run-time number: another start is the same Program. */
export function slice(x: Tensor, dim: number, start: number, length: number, step = 1): Tensor {
  return start === 0 && step === 1 && length === x.shape[dim]
    ? x
    : sliceAt(x, dim, scalar(start, "int32", x.device), length, step);
}

/**
 * @internal `x` from `start` on, with `step` between its elements and zeros elsewhere, as far as it falls into `size`
 * places along `dim`. A negative start cuts off, and so does a small size.
 */
export function placed(x: Tensor, dim: number, start: number, size: number, step = 1): Tensor {
  const skip = Math.max(0, Math.ceil(-start / step));
  const first = start + skip * step;
  const count = Math.max(0, Math.min(x.shape[dim]! - skip, Math.ceil((size - first) / step)));
  const rest = slice(x, dim, count === 0 ? 0 : skip, count);
  if (first === 0 && count === size) return rest;
  return unslice(rest, dim, scalar(count === 0 ? 0 : first, "int32", x.device), size, step);
}

/** @internal How many windows of `size` elements, `dilation` apart, begin every `step` elements of `length`. */
export const windowCount = (length: number, size: number, step: number, dilation: number): number =>
  Math.max(0, Math.floor((length - dilation * (size - 1) - 1) / step) + 1);

/**
 * @internal Replaces `dim` by two: which window, and which of its `size` elements. Windows begin every `step` elements,
 * and their elements are `dilation` apart: out[…, i, j, …] = x[…, i · step + j · dilation, …]. What is left over at the
 * end is not shown.
 */
export function windows(x: Tensor, dim: number, size: number, step = 1, dilation = 1): Tensor {
  const count = windowCount(x.shape[dim]!, size, step, dilation);
  const shape = x.shape.toSpliced(dim, 1, count, size);
  if (count * size === x.shape[dim]! && (size === 1 || (dilation === 1 && (step === size || count === 1))))
    return toShape(x, shape); // side by side
  return applyToOne(WINDOWS, x, [dim, size, step, dilation], shape, x.dtype);
}

/** @internal The reverse of `windows`, and its gradient: sums what its elements say of each of the `length` places. */
export function unwindowed(x: Tensor, dim: number, length: number, step: number, dilation: number): Tensor {
  const [count, size] = [x.shape[dim]!, x.shape[dim + 1]!];
  if (dilation === 1 && step >= size) {
    // No place is in two windows: one after the other, with zeros between them.
    const apart = placed(x, dim + 1, 0, step);
    return placed(toShape(apart, x.shape.toSpliced(dim, 2, count * step)), dim, 0, length);
  }
  let sum: Tensor | null = null;
  for (let j = 0; j < size; j++) {
    const element = toShape(slice(x, dim + 1, j, 1), x.shape.toSpliced(dim + 1, 1));
    const part = placed(element, dim, j * dilation, length, step);
    sum = sum === null ? part : sum.add(part);
  }
  return sum!;
}

/** @internal Puts tensors of one dtype, equal in all other sizes, one after the other along `dim`. */
export function joined(tensors: readonly Tensor[], dim: number): Tensor {
  let size = 0;
  for (const x of tensors) size += x.shape[dim]!;
  return apply(CAT, tensors, [dim], withSize(tensors[0]!.shape, dim, size), tensors[0]!.dtype);
}

/** @internal A value of its own, for ops that give new memory in PyTorch: it may be changed in place, a view may not. */
export function copied(x: Tensor): Tensor {
  return applyToOne(COPY, x, [], x.shape, x.dtype);
}
