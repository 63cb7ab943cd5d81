import type { GradientRule } from "../autograd/rule.js";
import { defineOp, type Op } from "../program/node.js";
import { broadcast } from "../shape.js";
import { apply, type Tensor } from "../tensor.js";
import { applyToTwo } from "./apply-to.js";
import { toOrder, toShape } from "./view.js";

// The primitive behind matmul and einsum, for ops that have checked what they pass.

const MATMUL: Op<GradientRule> = defineOp<GradientRule>("matmul", [
  ({ grad, y }) => multiply(grad, transposed(y)),
  ({ grad, x }) => multiply(transposed(x), grad), // the driver sums it over the dims that were broadcast
]);

const SWAP: readonly number[] = [1, 0];

/** Swaps the last two dims. */
function transposed(x: Tensor): Tensor {
  const { ndim } = x;
  if (ndim === 2) return toOrder(x, SWAP);
  const order: number[] = [];
  for (let i = 0; i < ndim - 2; i++) order.push(i);
  order.push(ndim - 1, ndim - 2);
  return toOrder(x, order);
}

/** @internal Multiplies [..., n, k] by [..., k, m]; leading dims broadcast. */
export function multiply(x: Tensor, y: Tensor): Tensor {
  return x.ndim === 2 && y.ndim === 2
    ? applyToTwo(MATMUL, x, y, [], [x.shape[0]!, y.shape[1]!], x.dtype)
    : multiplyMany(x, y);
}

function multiplyMany(x: Tensor, y: Tensor): Tensor {
  const [n, k] = x.shape.slice(-2) as [number, number];
  const m = y.shape[y.ndim - 1]!;
  const lead = x.shape.slice(0, -2);
  if (lead.length > 0 && y.ndim === 2) {
    // Many matrices by one are one tall matrix by one; the gradient of y is then one product too, not a sum of many.
    const rows = lead.reduce((count, size) => count * size, n);
    return toShape(apply(MATMUL, [toShape(x, [rows, k]), y], [], [rows, m], x.dtype), [...lead, n, m]);
  }
  const shape = y.ndim === 2 ? [n, m] : [...broadcast("matmul", lead, y.shape.slice(0, -2)), n, m];
  return apply(MATMUL, [x, y], [], shape, x.dtype);
}
