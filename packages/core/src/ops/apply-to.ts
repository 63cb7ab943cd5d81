import type { GradientRule } from "../autograd/rule.js";
import type { DType } from "../dtype.js";
import type { Op } from "../program/node.js";
import { trace } from "../program/trace.js";
import type { Shape } from "../shape.js";
import { derive, type Tensor } from "../tensor.js";

type Rules = Op<GradientRule>;
type Integers = readonly number[];

// `apply` for ops of one and two inputs, which most are: without a list of them it takes 50 bytes and some ns less.

/** Records a primitive applied to one tensor; see `apply`. */
export function applyToOne(op: Rules, x: Tensor, attrs: Integers, shape: Shape, dtype: DType): Tensor {
  if (trace !== null) trace.see([x]);
  return derive(op, [x.node], attrs, shape, dtype);
}

/** Records a primitive applied to two tensors; see `apply`. */
export function applyToTwo(op: Rules, x: Tensor, y: Tensor, attrs: Integers, shape: Shape, dtype: DType): Tensor {
  if (trace !== null) trace.see([x, y]);
  return derive(op, [x.node, y.node], attrs, shape, dtype);
}
