import type { Float, FloatCode, Mask } from "../../kernel/maths/float-code.js";
import type { DoubleLanes } from "./double-lanes.js";

/**
 * The rest of x / y is x - n · y, with n the quotient cut towards zero. In float64 it is exact as long as n has at most 28
 * bits: the quotient of two float32 is at least 2^-24 away from the next whole number, and n · y has 52 bits.
 */
export function rest(doubles: DoubleLanes, x: Float, y: Float): Float {
  const [dividend, divisor] = [doubles.from(x), doubles.from(y)];
  const whole = doubles.trunc(doubles.div(dividend, divisor));
  return doubles.toFloat(doubles.sub(dividend, doubles.mul(whole, divisor)));
}

/** Where n has more bits, or none. */
export function isLargeQuotient(code: FloatCode, x: Float, y: Float): Mask {
  const small = code.less(code.abs(code.div(x, y)), code.constant(2 ** 28));
  return code.not(code.and(small, code.less(code.abs(y), code.constant(Infinity))));
}
