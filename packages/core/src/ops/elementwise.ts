import { DTypeError, show } from "../errors.js";
import { isFloat } from "../dtype.js";
import { composite, Tensor } from "../tensor.js";
import { type Binary, binary, type Unary, unary } from "./define.js";
import type { Value } from "./operand.js";

const plus: Binary = binary("add", [({ grad }) => grad, ({ grad }) => grad]);
const minus: Binary = binary("sub", [({ grad }) => grad, ({ grad }) => grad.neg()], { refuseBool: true });

type Linear = (x: Value, y: Value, options?: { alpha?: number }) => Tensor;

/** Adds elementwise, broadcasting. With `alpha`, adds `alpha · y`. Same as torch.add. */
export const add: Linear = composite((x: Value, y: Value, options?: { alpha?: number }) => plus(x, scaled("add", y, options)));

/** Subtracts elementwise, broadcasting. With `alpha`, subtracts `alpha · y`. Same as torch.sub. */
export const sub: Linear = composite((x: Value, y: Value, options?: { alpha?: number }) => minus(x, scaled("sub", y, options)));

function scaled(where: string, y: Value, options: { alpha?: number } | undefined): Value {
  const alpha = options?.alpha;
  if (alpha === undefined || alpha === 1) return y;
  if (typeof alpha !== "number") throw new DTypeError(`${where}: alpha must be a number, got ${show(alpha)}`);
  if (y instanceof Tensor && !isFloat(y.dtype) && !Number.isInteger(alpha)) {
    throw new DTypeError(`${where}: alpha must be an integer for ${y.dtype} tensors, got ${alpha}`);
  }
  return mul(y, alpha);
}

/** Multiplies elementwise, broadcasting. Gradients: grad · y and grad · x. Same as torch.mul. */
export const mul: Binary = binary("mul", [({ grad, y }) => grad.mul(y), ({ grad, x }) => grad.mul(x)]);

/** e raised to each element. Gradient: grad · out. Same as torch.exp. */
export const exp: Unary = unary("exp", ({ grad, out }) => grad.mul(out));
/** The negative of each element. Same as torch.neg. */
export const neg: Unary = unary("neg", ({ grad }) => grad.neg(), "keepNoBool");

/** Divides elementwise; integers divide as float32. Same as torch.div. */
export const div: Binary = binary("div", [({ grad, y }) => grad.div(y), ({ grad, y, out }) => grad.neg().mul(out).div(y)], { float: true });

/** Whether elements are equal. Same as torch.eq. */
export const eq: Binary = binary("eq", null, { result: "bool" });
