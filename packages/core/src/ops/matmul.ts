import type { GradientRule } from "../autograd/rule.js";
import { DTypeError, ShapeError } from "../errors.js";
import { defineOp, type Op } from "../program/node.js";
import { broadcast, sameShape, text } from "../shape.js";
import { apply, composite, type Tensor } from "../tensor.js";
import { checkTensor } from "./define.js";
import { toShape } from "./view.js";

const MATMUL: Op<GradientRule> = defineOp<GradientRule>("matmul", [
  ({ grad, y }) => grad.matmul(y.transpose(-2, -1)),
  ({ grad, x }) => x.transpose(-2, -1).matmul(grad),
]);

/**
 * Multiplies matrices: [..., n, k] times [..., k, m] gives [..., n, m]; leading dims broadcast. A 1-D tensor counts as a
 * row on the left and as a column on the right, and its dim is dropped from the result. Same as torch.matmul.
 */
export const matmul: (x: Tensor, y: Tensor) => Tensor = composite((x: Tensor, y: Tensor): Tensor => {
  checkTensor("matmul", x);
  checkTensor("matmul", y);
  if (x.ndim === 0 || y.ndim === 0) {
    throw new ShapeError(`matmul: both need at least 1 dim, got ${text(x.shape)} x ${text(y.shape)}`, "use x.mul(y) to scale");
  }
  if (x.dtype !== y.dtype || x.dtype === "bool") {
    throw new DTypeError(`matmul: needs two tensors of one number dtype, got ${x.dtype} and ${y.dtype}`, "convert one with x.to(dtype)");
  }
  const a = x.ndim === 1 ? toShape(x, [1, x.shape[0]!]) : x;
  const b = y.ndim === 1 ? toShape(y, [y.shape[0]!, 1]) : y;
  const inner = a.shape[a.ndim - 1]!;
  if (inner !== b.shape[b.ndim - 2]) throw innerError(x, y, inner, b.shape[b.ndim - 2]!);
  const lead = a.ndim === 2 && b.ndim === 2 ? [] : broadcast("matmul", a.shape.slice(0, -2), b.shape.slice(0, -2));
  const out = apply(MATMUL, [a, b], [], [...lead, a.shape[a.ndim - 2]!, b.shape[b.ndim - 1]!], x.dtype);
  if (x.ndim > 1 && y.ndim > 1) return out;
  const shape = out.shape.slice();
  if (y.ndim === 1) shape.pop();
  if (x.ndim === 1) shape.splice(lead.length, 1);
  return toShape(out, shape);
});

function innerError(x: Tensor, y: Tensor, inner: number, other: number): ShapeError {
  const hint =
    y.ndim > 1 && y.shape[y.ndim - 1] === inner
      ? "did you mean a.matmul(b.transpose(-2, -1))?"
      : x.ndim > 1 && x.shape[x.ndim - 2] === other
        ? "did you mean a.transpose(-2, -1).matmul(b)?"
        : sameShape(x.shape, y.shape)
          ? "did you mean a.mul(b), the elementwise product?"
          : "the last size of the left must equal the one before last of the right";
  return new ShapeError(`matmul: inner sizes differ: ${text(x.shape)} x ${text(y.shape)} (${inner} and ${other})`, hint);
}
