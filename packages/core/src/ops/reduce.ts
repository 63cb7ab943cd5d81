import type { GradientRule } from "../autograd/rule.js";
import type { DType } from "../dtype.js";
import type { Op } from "../program/node.js";
import type { Shape } from "../shape.js";
import { apply, type Tensor } from "../tensor.js";
import { toExpanded, toShape } from "./view.js";

/** The shape after reducing `dims`. */
export function reducedShape(shape: Shape, dims: readonly number[], keepdim: boolean): Shape {
  return keepdim ? shape.map((size, i) => (dims.includes(i) ? 1 : size)) : shape.filter((_, i) => !dims.includes(i));
}

/** Reduces sorted dims of 0..rank-1 with a primitive. */
export function reduce(op: Op<GradientRule>, x: Tensor, dims: readonly number[], keepdim: boolean, dtype: DType): Tensor {
  return apply(op, [x], [keepdim ? 1 : 0, ...dims], reducedShape(x.shape, dims, keepdim), dtype);
}

/** Brings what has a reduced result's shape (attrs [keepdim, ...dims]) to the input's shape. */
export function unreduce(x: Tensor, shape: Shape, attrs: readonly number[]): Tensor {
  return toExpanded(toShape(x, reducedShape(shape, attrs.slice(1), true)), shape);
}
