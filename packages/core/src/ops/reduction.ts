import type { GradientRule } from "../autograd/rule.js";
import { type DType, isFloat } from "../dtype.js";
import { checkOptions, DTypeError } from "../errors.js";
import { defineOp, type Op } from "../program/node.js";
import { checkDims, type Shape, sizeOf } from "../shape.js";
import { apply, composite, type Tensor } from "../tensor.js";
import { checkTensor } from "./define.js";
import { cast } from "./cast.js";
import { toExpanded, toShape } from "./movement.js";

/** One dim, several, or none for all. */
export type Dims = number | readonly number[];

export interface ReduceOptions {
  /** Keep reduced dims with size 1. */
  readonly keepdim?: boolean;
}

/** Brings what has a reduced result's shape (attrs [keepdim, ...dims]) to the input's shape. */
export function unreduce(x: Tensor, shape: Shape, attrs: readonly number[]): Tensor {
  return toExpanded(toShape(x, reducedShape(shape, attrs.slice(1), true)), shape);
}

/** The shape after reducing `dims`. */
export function reducedShape(shape: Shape, dims: readonly number[], keepdim: boolean): Shape {
  return keepdim ? shape.map((size, i) => (dims.includes(i) ? 1 : size)) : shape.filter((_, i) => !dims.includes(i));
}

const SUM: Op<GradientRule> = defineOp<GradientRule>("sum", [({ grad, shape, attrs }) => unreduce(grad, shape, attrs)]);

/** @internal Reduces sorted dims of 0..rank-1 with a primitive. */
export function reduce(op: Op<GradientRule>, x: Tensor, dims: readonly number[], keepdim: boolean, dtype: DType): Tensor {
  return apply(op, [x], [keepdim ? 1 : 0, ...dims], reducedShape(x.shape, dims, keepdim), dtype);
}

export interface SumOptions extends ReduceOptions {
  /** Convert to this dtype before summing. */
  readonly dtype?: DType;
}

type Sum = (x: Tensor, dim?: Dims | null, options?: SumOptions) => Tensor;

/**
 * Sums over dims, or all of them. Ints and bools sum in int32. Gradient: grad, spread over what was summed.
 * Same as torch.sum.
 */
export const sum: Sum = composite((x: Tensor, dim?: Dims | null, options: SumOptions = {}) => {
  checkTensor("sum", x);
  checkOptions("sum", options, ["keepdim", "dtype"]);
  const dtype = options.dtype ?? (isFloat(x.dtype) ? x.dtype : "int32");
  return reduce(SUM, cast(x, dtype), checkDims("sum", dim, x.ndim), options.keepdim ?? false, dtype);
});

/** Averages over dims, or all of them. Gradient: grad / count. Same as torch.mean. */
export const mean: Sum = composite((x: Tensor, dim?: Dims | null, options: SumOptions = {}) => {
  checkTensor("mean", x);
  const dims = checkDims("mean", dim, x.ndim);
  if (!isFloat(options.dtype ?? x.dtype)) {
    throw new DTypeError(`mean: needs a float dtype, got ${x.dtype}`, 'write x.mean(dim, { dtype: "float32" })');
  }
  return sum(x, dims, options).div(sizeOf(dims.map((d) => x.shape[d]!)));
});
