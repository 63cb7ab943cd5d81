import { isFloat } from "../../dtype.js";
import { checkOptions } from "../../errors.js";
import { composite, type Tensor } from "../../tensor.js";
import { toFloat } from "../cast.js";
import type { Binary } from "../define.js";
import { operands, type Value } from "../operand.js";
import { where } from "../where.js";

/** Two operands as tensors of one float dtype. */
const floats = (name: string, x: Value, y: Value): [Tensor, Tensor] => operands(name, x, y, true);

/** Whether the sign bit is set: for -0 too, where a quotient tells. */
const negative = (x: Tensor): Tensor => x.lt(0).logicalOr(x.eq(0).logicalAnd(x.reciprocal().lt(0)));

/**
 * Tells where the sign bit is set, as it is for -0. Ints have none but their sign. No gradient: bools have none. Same as
 * torch.signbit.
 *
 * @example
 * signbit(tensor([1, -0, -2])); // tensor([false,  true,  true])
 */
export const signbit: (x: Tensor) => Tensor = composite((x: Tensor) => (isFloat(x.dtype) ? negative(x) : x.lt(0)));

/** Gives x the sign of y, of -0 too. Gradient: grad with that sign, 0 at x = 0. Same as torch.copysign. */
export const copysign: Binary = composite((x: Value, y: Value) => {
  const [a, b] = floats("copysign", x, y);
  const size = a.abs();
  return where(negative(b), size.neg(), size);
});

/**
 * √(x² + y²), without overflow on the way. Gradients: grad · x / out and grad · y / out. Same as torch.hypot.
 *
 * @example
 * hypot(tensor(3e30), tensor(4e30)); // tensor(5.0000e+30)
 */
export const hypot: Binary = composite((x: Value, y: Value) => {
  const [a, b] = floats("hypot", x, y);
  const most = a.abs().maximum(b.abs()).detach();
  const unit = where(most.eq(0).logicalOr(most.isfinite().logicalNot()), 1, most);
  const [u, v] = [a.div(unit), b.div(unit)];
  const root = u.mul(u).add(v.mul(v)).sqrt().mul(unit);
  return where(a.isinf().logicalOr(b.isinf()), Infinity, root); // beside NaN, too
});

/** 0 where x < 0, `values` where x = 0, 1 where x > 0. Has no gradient. Same as torch.heaviside. */
export const heaviside: Binary = composite((x: Value, values: Value) => {
  const [a, b] = operands("heaviside", x, values);
  return where(a.eq(0), b, a.gt(0).to(a.dtype)).detach();
});

const LN2 = Math.log(2);

/**
 * log(eˣ + eʸ) = max + log(1 + e^-|x - y|): neither overflows. Gradients: grad · exp(x - out) and grad · exp(y - out).
 * Same as torch.logaddexp.
 */
export const logaddexp: Binary = composite((x: Value, y: Value) => {
  const [a, b] = floats("logaddexp", x, y);
  return a.maximum(b).add(distance(a, b).neg().exp().log1p());
});

/** log₂(2ˣ + 2ʸ). Gradients: grad · 2^(x - out) and grad · 2^(y - out). Same as torch.logaddexp2. */
export const logaddexp2: Binary = composite((x: Value, y: Value) => {
  const [a, b] = floats("logaddexp2", x, y);
  return a.maximum(b).add(distance(a, b).neg().exp2().log1p().div(LN2));
});

/** |x - y|, and 0 for equals: of two infinities the difference would be NaN. */
function distance(a: Tensor, b: Tensor): Tensor {
  return where(a.eq(b), 0, a.sub(b)).abs();
}

/** x log y, and 0 where x = 0 unless y is NaN. Gradients: grad · log y and grad · x / y. Same as torch.xlogy. */
export const xlogy: Binary = composite((x: Value, y: Value) => {
  const [a, b] = floats("xlogy", x, y);
  const nothing = a.eq(0).logicalAnd(b.le(0).logicalOr(b.eq(Infinity)));
  return a.mul(where(nothing, 1, b).log());
});

/** The greater of two, and the other where one is NaN. Of equals the gradient goes to x. Same as torch.fmax. */
export const fmax: Binary = composite((x: Value, y: Value) => {
  const [a, b] = operands("fmax", x, y);
  return where(a.ge(b).logicalOr(b.ne(b)), a, b);
});

/** The lesser of two, and the other where one is NaN. Of equals the gradient goes to x. Same as torch.fmin. */
export const fmin: Binary = composite((x: Value, y: Value) => {
  const [a, b] = operands("fmin", x, y);
  return where(a.le(b).logicalOr(b.ne(b)), a, b);
});

/** x · 2^y. Gradients: grad · 2^y and grad · out · ln 2. Same as torch.ldexp. */
export const ldexp: Binary = composite((x: Value, y: Value) => {
  const [a, b] = floats("ldexp", x, y);
  return a.mul(b.exp2());
});

/** x to the power of y, in float64, which WebGPU does not have. Gradients: as of `pow`. Same as torch.float_power. */
export const floatPower: Binary = composite((x: Value, y: Value) => {
  const [a, b] = operands("floatPower", x, y);
  return a.to("float64").pow(b.to("float64"));
});

/** The options of `isclose` and `allclose`. */
export interface ClosenessOptions {
  /** Default 1e-5. */
  readonly rtol?: number;
  /** Default 1e-8. */
  readonly atol?: number;
  /** Whether NaN is close to NaN. Default false. */
  readonly equalNan?: boolean;
}

/**
 * Tells where |x - y| ≤ atol + rtol · |y|; infinities are close to their like alone. No gradient: bools have none. Same as
 * torch.isclose.
 *
 * @example
 * isclose(tensor([1, 2]), tensor([1.000001, 2.1])); // tensor([ true, false])
 */
export const isclose: (x: Tensor, y: Tensor, options?: ClosenessOptions) => Tensor = composite(
  (x: Tensor, y: Tensor, options: ClosenessOptions = {}) => {
    checkOptions("isclose", options, ["rtol", "atol", "equalNan"]);
    const { rtol = 1e-5, atol = 1e-8, equalNan = false } = options;
    const [a, b] = operands("isclose", x, y);
    const [u, v] = [toFloat(a), toFloat(b)];
    // Of infinities only equals are close: the tolerance of one would be infinite.
    const near = u.sub(v).abs().le(v.abs().mul(rtol).add(atol)).logicalAnd(u.sub(v).isfinite());
    const close = a.eq(b).logicalOr(near);
    return equalNan ? close.logicalOr(u.ne(u).logicalAnd(v.ne(v))) : close;
  },
);
