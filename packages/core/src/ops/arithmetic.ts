import type { GradientRule } from "../autograd/rule.js";
import { isFloat } from "../dtype.js";
import { checkOptions, DTypeError, show, ValueError } from "../errors.js";
import { defineOp } from "../program/node.js";
import { composite, Tensor } from "../tensor.js";
import { cast } from "./cast.js";
import { closedForm } from "./closed-form.js";
import { type Binary, binary, checkNoBool, checkTensor, flat, type Unary, unary } from "./define.js";
import { checkValue, commonDType, operands, type Value } from "./operand.js";
import { where } from "./where.js";

/** The options of `add` and `sub`. */
export interface AlphaOptions {
  /** Multiplies the second operand first. */
  readonly alpha?: number;
}

/** The options of `div`. */
export interface DivOptions {
  /** Round the quotient down (`"floor"`, as Python's //) or towards zero (`"trunc"`, as C's). */
  readonly roundingMode?: "floor" | "trunc" | null;
}

type Linear = (x: Value, y: Value, options?: AlphaOptions) => Tensor;
type Division = (x: Value, y: Value, options?: DivOptions) => Tensor;

const plus: Binary = binary("add", [({ grad }) => grad, ({ grad }) => grad], { wraps: true });
const minus: Binary = binary("sub", [({ grad }) => grad, ({ grad }) => grad.neg()], {
  refuseBool: "any",
  wraps: true,
});
const minusSwapped: Binary = binary("sub", [({ grad }) => grad, ({ grad }) => grad.neg()], {
  as: "rsub",
  refuseBool: "any",
  wraps: true,
});

/** alpha · y, in the dtype that x and y meet in. */
function scaled(name: string, x: Value, y: Value, options: AlphaOptions): Value {
  checkOptions(name, options, ["alpha"]);
  checkValue(name, x);
  checkValue(name, y);
  const { alpha = 1 } = options;
  if (typeof alpha !== "number") throw new DTypeError(`${name}: alpha must be a number, got ${show(alpha)}`);
  if (options.alpha === undefined) return y; // a number given is a run-time number, 1 too
  const dtype = commonDType(x, y);
  if (!isFloat(dtype) && !Number.isInteger(alpha)) {
    throw new DTypeError(
      `${name}: alpha must be an integer for ${dtype}, got ${String(alpha)}`,
      'convert the tensors: x.to("float32")',
    );
  }
  return y instanceof Tensor ? cast(mul(cast(y, dtype), alpha), dtype) : Number(y) * alpha;
}

const addScaled: Linear = composite((x: Value, y: Value, options: AlphaOptions = {}) =>
  plus(x, scaled("add", x, y, options)),
);
const subScaled: Linear = composite((x: Value, y: Value, options: AlphaOptions = {}) =>
  minus(x, scaled("sub", x, y, options)),
);
const rsubScaled: Linear = composite((x: Value, y: Value, options: AlphaOptions = {}) =>
  minusSwapped(y, scaled("rsub", y, x, options)),
);

/**
 * Adds elementwise, broadcasting: x + y, or x + alpha · y. For bools it is the logical or. Gradients: grad and alpha ·
 * grad, each summed over the dims in which its operand was broadcast. Same as torch.add.
 *
 * @throws ShapeError for shapes that do not broadcast; DTypeError for a fractional alpha of integers.
 *
 * @example
 * tensor([1, 2]).add(tensor([[10], [20]])); // tensor([[11., 12.], [21., 22.]])
 * tensor([1, 2]).add(10, { alpha: 2 }); // tensor([21., 22.])
 */
export const add: Linear = (x, y, options) => (options === undefined ? plus(x, y) : addScaled(x, y, options));

/**
 * Subtracts elementwise, broadcasting: x - y, or x - alpha · y. Refuses bools. Gradients: grad and -alpha · grad. Same as
 * torch.sub.
 */
export const sub: Linear = (x, y, options) => (options === undefined ? minus(x, y) : subScaled(x, y, options));

/**
 * Subtracts the first from the second: y - x, or y - alpha · x. Refuses bools. Gradients: -alpha · grad and grad. Same as
 * torch.rsub.
 */
export const rsub: Linear = (x, y, options) => (options === undefined ? minusSwapped(y, x) : rsubScaled(x, y, options));

/**
 * Multiplies elementwise, broadcasting. For bools it is the logical and. Gradients: grad · y and grad · x.
 * Same as torch.mul.
 */
export const mul: Binary = binary("mul", [({ grad, y }) => grad.mul(y), ({ grad, x }) => grad.mul(x)], {
  wraps: true,
});

const quotient: Binary = binary(
  "div",
  [({ grad, y }) => grad.div(y), ({ grad, y, out }) => grad.neg().mul(out.div(y))],
  { float: true },
);
const floored: Binary = binary("floorDivide", [flat, flat], { as: "div", refuseBool: "both" });

const CUT = defineOp<GradientRule>("trunc", [flat, flat]);

/** x / y cut towards zero. Integers exactly: without what fmod leaves, x is a multiple of y. */
function truncated(x: Value, y: Value): Tensor {
  const [a, b] = operands("div", x, y);
  checkNoBool("div", a.dtype);
  return isFloat(a.dtype) ? closedForm(CUT, [a, b], () => [quotient(a, b)]) : floored(a.sub(fmod(a, b)), b);
}

const rounded: Division = composite((x: Value, y: Value, options: DivOptions = {}) => {
  checkOptions("div", options, ["roundingMode"]);
  const mode: unknown = options.roundingMode ?? null;
  if (mode === null) return quotient(x, y);
  if (mode === "floor") return floored(x, y);
  if (mode === "trunc") return truncated(x, y);
  throw new ValueError(`div: unknown roundingMode ${show(mode)}`, 'it is "floor", "trunc" or null');
});

/**
 * Divides elementwise, broadcasting; integers divide as float32. With `roundingMode` the quotient is rounded, integers
 * stay integers, and the gradient is 0. Same as torch.div.
 *
 * @throws ValueError when an integer is divided by 0 with a rounding mode, as the value is computed.
 *
 * @example
 * tensor([7, -7]).div(2, { roundingMode: "floor" }); // tensor([ 3., -4.])
 * tensor([7, -7]).div(2, { roundingMode: "trunc" }); // tensor([ 3., -3.])
 */
export const div: Division = (x, y, options) => (options === undefined ? quotient(x, y) : rounded(x, y, options));

/** Divides and rounds down, as Python's //. Gradient: 0. Same as torch.floor_divide. */
export const floorDivide: Binary = binary("floorDivide", [flat, flat], { refuseBool: "both" });

/**
 * The remainder of division with the sign of the divisor, as Python's %: x - y · ⌊x / y⌋. Gradients: grad and -grad · ⌊x /
 * y⌋. Same as torch.remainder.
 *
 * @throws ValueError for an integer divided by 0, as the value is computed.
 */
export const remainder: Binary = binary(
  "remainder",
  [({ grad }) => grad, ({ grad, x, y }) => grad.neg().mul(x.floorDivide(y))],
  {
    refuseBool: "both",
  },
);

/**
 * The remainder of division with the sign of the dividend, as C's fmod. Gradients: grad and -grad · trunc(x / y). Same as
 * torch.fmod.
 */
export const fmod: Binary = binary(
  "fmod",
  [({ grad }) => grad, ({ grad, x, y }) => grad.neg().mul(x.div(y, { roundingMode: "trunc" }))],
  { refuseBool: "both" },
);

// At ties, PyTorch gives half of the gradient to each; NaN lets all of it pass to both.
const half = (grad: Tensor, x: Tensor, y: Tensor): Tensor => where(x.eq(y), grad.mul(0.5), grad);

/**
 * The larger of two elements, NaN if one is NaN. Equal elements share the gradient. Same as torch.maximum.
 *
 * @example
 * tensor([-1, 2]).maximum(0); // tensor([0., 2.])
 */
export const maximum: Binary = binary("maximum", [
  ({ grad, x, y }) => where(x.lt(y), 0, half(grad, x, y)),
  ({ grad, x, y }) => where(x.gt(y), 0, half(grad, x, y)),
]);

/** The smaller of two elements, NaN if one is NaN. Equal elements share the gradient. Same as torch.minimum. */
export const minimum: Binary = binary("minimum", [
  ({ grad, x, y }) => where(x.gt(y), 0, half(grad, x, y)),
  ({ grad, x, y }) => where(x.lt(y), 0, half(grad, x, y)),
]);

/** The negative of each element. Refuses bools. Gradient: -grad. Same as torch.neg. */
export const neg: Unary = unary("neg", ({ grad }) => grad.neg(), "keepNoBool");

/** The tensor itself: +x. Refuses bools. Gradient: grad. Same as torch.positive. */
export function positive(x: Tensor): Tensor {
  checkTensor("positive", x);
  checkNoBool("positive", x.dtype);
  return x;
}

/** The distance of each element from 0. Its gradient at 0 is 0. Refuses bools. Same as torch.abs. */
export const abs: Unary = unary("abs", ({ grad, x }) => grad.mul(x.sign()), "keepNoBool");

/** -1, 0 or 1: the sign of each element. Gradient: 0. Same as torch.sign. */
export const sign: Unary = unary("sign", flat, "keep");

/** 1 / x. Gradient: -grad · out². Same as torch.reciprocal. */
export const reciprocal: Unary = unary("reciprocal", ({ grad, out }) => grad.neg().mul(out.mul(out)));
