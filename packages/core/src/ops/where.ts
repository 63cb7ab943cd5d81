import type { GradientRule } from "../autograd/rule.js";
import { DTypeError } from "../errors.js";
import { defineOp, type Op } from "../program/node.js";
import { broadcast } from "../shape.js";
import { apply, composite, Tensor } from "../tensor.js";
import { checkTensor } from "./define.js";
import { checkValue, commonDType, operands, toOperand, type Value } from "./operand.js";

const WHERE: Op<GradientRule> = defineOp<GradientRule>("where", [
  null,
  ({ grad, x }) => where(x, grad, 0),
  ({ grad, x }) => where(x, 0, grad),
]);

/** Checks a mask: a bool tensor. */
export function checkMask(name: string, mask: unknown): asserts mask is Tensor {
  checkTensor(name, mask);
  if (mask.dtype !== "bool")
    throw new DTypeError(`${name}: the condition must be bool, got ${mask.dtype}`, "compare first: x.ne(0)");
}

/**
 * Takes x where the condition holds and y elsewhere; all three broadcast, and numbers may stand for x and y.
 * Gradient: grad where taken, 0 elsewhere. Same as torch.where; the method is `x.where(condition, y)`.
 *
 * What is not taken still has a gradient of 0 · its slope: keep the other branch finite, or NaN comes back.
 *
 * @throws DTypeError for a condition that is not bool; ShapeError for shapes that do not broadcast.
 *
 * @example
 * const x = tensor([-2, 3]);
 * where(x.gt(0), x, x.mul(0.1)); // tensor([-0.2000,  3.0000])
 */
export const where: (condition: Tensor, x: Value, y: Value) => Tensor = composite(
  (condition: Tensor, x: Value, y: Value) => {
    checkMask("where", condition);
    const [a, b] = x instanceof Tensor || y instanceof Tensor ? operands("where", x, y) : numbers(x, y, condition);
    const shape = broadcast("where", broadcast("where", a.shape, b.shape), condition.shape);
    return apply(WHERE, [condition, a, b], [], shape, a.dtype);
  },
);

function numbers(x: Value, y: Value, near: Tensor): [Tensor, Tensor] {
  checkValue("where", x);
  checkValue("where", y);
  const dtype = commonDType(x, y);
  return [toOperand("where", x, dtype, near), toOperand("where", y, dtype, near)];
}
