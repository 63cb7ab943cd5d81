import type { Float, FloatCode, Mask } from "./float-code.js";

/** Where there is a rest of another sign than the divisor's. */
function isBeyond(code: FloatCode, rest: Float, y: Float): Mask {
  const zero = code.constant(0);
  return code.and(code.notEqual(rest, zero), code.xor(code.less(rest, zero), code.less(y, zero)));
}

/** The rest with the sign of y, as Python has it. */
export function remainder(code: FloatCode, x: Float, y: Float): Float {
  const rest = code.rest(x, y);
  return code.select(isBeyond(code, rest, y), code.add(rest, y), rest);
}

/** The quotient rounded down: from the rest, since x / y may have been rounded up to a whole number. */
export function floorDivide(code: FloatCode, x: Float, y: Float): Float {
  const rest = code.rest(x, y);
  const one = code.constant(1);
  const above = code.div(code.sub(x, rest), y);
  const quotient = code.select(isBeyond(code, rest, y), code.sub(above, one), above);
  const whole = code.floor(quotient);
  const off = code.less(code.constant(0.5), code.sub(quotient, whole));
  const result = code.add(whole, code.only(off, one));
  const [zero, ratio] = [code.constant(0), code.div(x, y)];
  const signed = code.select(code.equal(quotient, zero), code.copySign(zero, ratio), result);
  return code.select(code.equal(y, zero), ratio, signed);
}
