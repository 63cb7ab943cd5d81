import type { GradientRule } from "../autograd/rule.js";
import { ShapeError } from "../errors.js";
import { defineOp, type Op } from "../program/node.js";
import { checkDim, inferShape, sameShape, type Shape, type Sizes, sizesOf, text } from "../shape.js";
import { apply, scalar, type Tensor } from "../tensor.js";

const RESHAPE: Op<GradientRule> = defineOp<GradientRule>("reshape", [({ grad, shape }) => grad.reshape(shape)]);
const PERMUTE: Op<GradientRule> = defineOp<GradientRule>("permute", [({ grad, attrs }) => grad.permute(inverse(attrs))]);
const EXPAND: Op<GradientRule> = defineOp<GradientRule>("expand", [({ grad }) => grad]); // the driver sums it back
const FLIP: Op<GradientRule> = defineOp<GradientRule>("flip", [({ grad, attrs }) => grad.flip(attrs)]);
const SLICE: Op<GradientRule> = defineOp<GradientRule>("slice", [({ grad, y, attrs, shape }) => unslice(grad, attrs[0]!, y, shape[attrs[0]!]!, attrs[2]!), null]);
const UNSLICE: Op<GradientRule> = defineOp<GradientRule>("unslice", [({ grad, y, attrs, shape }) => sliceAt(grad, attrs[0]!, y, shape[attrs[0]!]!, attrs[2]!), null]);

const inverse = (order: readonly number[]): number[] => {
  const back = new Array<number>(order.length);
  for (let i = 0; i < order.length; i++) back[order[i]!] = i;
  return back;
};

/** Gives the elements, in order, another shape of the same size; one size may be -1. Same as torch.reshape. */
export function reshape(x: Tensor, ...shape: Sizes): Tensor {
  return toShape(x, inferShape("reshape", x.shape, sizesOf("reshape", shape)));
}

/** @internal Reshapes to a shape known to fit. */
export function toShape(x: Tensor, shape: Shape): Tensor {
  return sameShape(shape, x.shape) ? x : apply(RESHAPE, [x], shape, shape, x.dtype);
}

/** Puts the dims in another order: dim `i` of the result is dim `dims[i]` of the input. Same as torch.permute. */
export function permute(x: Tensor, ...dims: Sizes): Tensor {
  const order = sizesOf("permute", dims).map((dim) => checkDim("permute", dim, x.ndim));
  if (order.length !== x.ndim || new Set(order).size !== order.length) {
    throw new ShapeError(`permute: needs each of the ${x.ndim} dims of ${text(x.shape)} once, got ${text(order)}`);
  }
  if (order.every((dim, i) => dim === i)) return x;
  return apply(PERMUTE, [x], order, order.map((dim) => x.shape[dim]!), x.dtype);
}

/** Swaps two dims. Same as torch.transpose. */
export function transpose(x: Tensor, dim0: number, dim1: number): Tensor {
  const a = checkDim("transpose", dim0, x.ndim);
  const b = checkDim("transpose", dim1, x.ndim);
  if (a === b) return x;
  const order = x.shape.map((_, i) => (i === a ? b : i === b ? a : i));
  return apply(PERMUTE, [x], order, order.map((dim) => x.shape[dim]!), x.dtype);
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

/** @internal Expands to a shape known to fit. */
export function toExpanded(x: Tensor, shape: Shape): Tensor {
  return sameShape(shape, x.shape) ? x : apply(EXPAND, [x], shape, shape, x.dtype);
}

/** Reverses the order of the elements along dims. Same as torch.flip. */
export function flip(x: Tensor, ...dims: Sizes): Tensor {
  const list = sizesOf("flip", dims).map((dim) => checkDim("flip", dim, x.ndim));
  if (new Set(list).size !== list.length) throw new ShapeError(`flip: a dim appears twice in ${text(list)}`);
  return list.length === 0 || x.ndim === 0 ? x : apply(FLIP, [x], list, x.shape, x.dtype);
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
  return start === 0 && step === 1 && length === x.shape[dim] ? x : sliceAt(x, dim, scalar(start, "int32", x.device), length, step);
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
