import type { GradientRule } from "../autograd/rule.js";
import { defineOp, type Op } from "../program/node.js";
import { sameShape, type Shape } from "../shape.js";
import { apply, COPY, scalar, type Tensor } from "../tensor.js";

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
  return sameShape(shape, x.shape) ? x : apply(RESHAPE, [x], shape, shape, x.dtype);
}

/** @internal Expands to a shape known to fit. */
export function toExpanded(x: Tensor, shape: Shape): Tensor {
  return sameShape(shape, x.shape) ? x : apply(EXPAND, [x], shape, shape, x.dtype);
}

/** @internal Permutes by an order known to hold each dim once. */
export function toOrder(x: Tensor, order: readonly number[]): Tensor {
  for (let i = 0; i < order.length; i++)
    if (order[i] !== i)
      return apply(
        PERMUTE,
        [x],
        order,
        order.map((dim) => x.shape[dim]!),
        x.dtype,
      );
  return x;
}

/** @internal Reverses along dims of 0..rank-1. */
export function flipped(x: Tensor, dims: readonly number[]): Tensor {
  return dims.length === 0 || x.ndim === 0 ? x : apply(FLIP, [x], dims, x.shape, x.dtype);
}

/** @internal Elements start, start + step, … along `dim`; `start` is a 0-d int32 tensor, known only at run time. */
export function sliceAt(x: Tensor, dim: number, start: Tensor, length: number, step = 1): Tensor {
  return apply(SLICE, [x, start], [dim, length, step], x.shape.with(dim, length), x.dtype);
}

/** @internal The reverse of `sliceAt`: zeros of `size` along `dim`, with `x` at start, start + step, …. */
export function unslice(x: Tensor, dim: number, start: Tensor, size: number, step = 1): Tensor {
  return apply(UNSLICE, [x, start], [dim, size, step], x.shape.with(dim, size), x.dtype);
}

/** @internal `sliceAt` for a start known now, passed as a run-time number: another start is the same Program. */
export function slice(x: Tensor, dim: number, start: number, length: number, step = 1): Tensor {
  return start === 0 && step === 1 && length === x.shape[dim]
    ? x
    : sliceAt(x, dim, scalar(start, "int32", x.device), length, step);
}

/** @internal Puts tensors of one dtype, equal in all other sizes, one after the other along `dim`. */
export function joined(tensors: readonly Tensor[], dim: number): Tensor {
  let size = 0;
  for (const x of tensors) size += x.shape[dim]!;
  return apply(CAT, tensors, [dim], tensors[0]!.shape.with(dim, size), tensors[0]!.dtype);
}

/** @internal A value of its own, for ops that give new memory in PyTorch: it may be changed in place, a view may not. */
export function copied(x: Tensor): Tensor {
  return apply(COPY, [x], [], x.shape, x.dtype);
}
