import type { Float, FloatCode } from "./float-code.js";

/** The nearest float16, halves to even: `toHalf` of each lane. */
export function half(code: FloatCode, x: Float): Float {
  const size = code.abs(x);
  // float32's last digit beside 2¹³ times the leading digit is float16's; below 2^-14 it is 2^-24, that beside 1/2.
  const leading = code.and(code.asInt(size), code.integer(0x7f800000));
  const rounder = code.clampBelow(code.asFloat(code.intAdd(leading, code.integer(13 << 23))), code.constant(0.5));
  const rounded = code.sub(code.keep(code.add(size, rounder)), rounder);
  // Infinite, or NaN, which stays.
  const beyond = code.add(size, code.constant(Infinity));
  return code.copySign(code.select(code.less(size, code.constant(65520)), rounded, beyond), x);
}
