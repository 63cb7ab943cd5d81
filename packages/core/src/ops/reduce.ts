import type { GradientRule } from "../autograd/rule.js";
import { checkDType, type DType, isFloat } from "../dtype.js";
import { defineOp, type Op } from "../program/node.js";
import type { Shape } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { applyToOne } from "./apply-to.js";
import { cast } from "./cast.js";
import { toExpanded, toShape } from "./view.js";

/** One dim, several, or none for all. */
export type Dims = number | readonly number[];

/** The options of reductions. */
export interface ReduceOptions {
  /** Keep reduced dims with size 1. */
  readonly keepdim?: boolean;
}

/** The options of `sum`, `mean` and their relatives. */
export interface SumOptions extends ReduceOptions {
  /** Convert to this dtype before reducing. */
  readonly dtype?: DType;
}

const NONE: readonly never[] = [];

/** @internal The shape after reducing `dims`. */
export function reducedShape(shape: Shape, dims: readonly number[], keepdim: boolean): Shape {
  if (dims.length === shape.length && !keepdim) return NONE;
  const reduced: number[] = [];
  for (let i = 0; i < shape.length; i++) {
    if (!dims.includes(i)) reduced.push(shape[i]!);
    else if (keepdim) reduced.push(1);
  }
  return reduced;
}

/** @internal Reduces sorted dims of 0..rank-1 with a primitive. */
export function reduce(
  op: Op<GradientRule>,
  x: Tensor,
  dims: readonly number[],
  keepdim: boolean,
  dtype: DType,
): Tensor {
  const attrs = new Array<number>(dims.length + 1);
  attrs[0] = keepdim ? 1 : 0;
  for (let i = 0; i < dims.length; i++) attrs[i + 1] = dims[i]!;
  return applyToOne(op, x, attrs, reducedShape(x.shape, dims, keepdim), dtype);
}

const SUM: Op<GradientRule> = defineOp<GradientRule>("sum", [({ grad, shape, attrs }) => unreduce(grad, shape, attrs)]);

/** @internal Sums over sorted dims of 0..rank-1, in `dtype`. */
export function sumOver(x: Tensor, dims: readonly number[], keepdim: boolean, dtype: DType): Tensor {
  return reduce(SUM, cast(x, dtype), dims, keepdim, dtype);
}

/** @internal Brings what has a reduced result's shape (attrs [keepdim, ...dims]) to the input's shape. */
export function unreduce(x: Tensor, shape: Shape, attrs: readonly number[]): Tensor {
  return toExpanded(toShape(x, reducedShape(shape, attrs.slice(1), true)), shape);
}

/** @internal The dtype that sums and products are made in: what is asked for, else a float's own, else int32. */
export function sumDType(where: string, x: Tensor, dtype: DType | undefined): DType {
  return dtype === undefined ? (isFloat(x.dtype) ? x.dtype : "int32") : checkDType(where, dtype);
}
