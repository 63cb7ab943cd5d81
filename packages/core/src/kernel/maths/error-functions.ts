import type { Float, FloatCode } from "./float-code.js";
import { expWithin, gaussian, scaleByHalves } from "./exponential.js";

// erf(x) = x + x p(x²) on |x| ≤ 0.93, to 2^-30.
const erfSeries: readonly number[] = [
  7.99665e-5, -0.00080497697, 0.005192405, -0.026855731, 0.11283626, -0.3761263, 0.12837917,
];
// 1 - erf(x) = exp(p(x)) on 0.92 ≤ x ≤ 4, to 2^-29 of erf.
const tailSeries: readonly number[] = [
  0.00019494018, -0.0030336455, 0.022189649, -0.103856206, -0.63726586, -1.1276274, -0.0002070085,
];
// erfc(x) = exp(-x²) p(t) / (1 + 2 x) with t = (x - 2) / (x + 2), on 0 ≤ x ≤ 10.3, to 2^-26.
const scaledSeries: readonly number[] = [
  -0.00040232835, -0.0012341747, 0.0013136534, 0.008637144, -0.0080585, -0.054206688, 0.16405475, -0.16603102,
  -0.09276392, 1.2769784,
];

export function erf(code: FloatCode, x: Float): Float {
  const size = code.clampAbove(code.abs(x), code.constant(4));
  const tail = expWithin(code, code.polynomial(tailSeries, size));
  const square = code.mul(size, size);
  const small = code.fma(size, code.polynomial(erfSeries, square), size);
  const large = code.sub(code.constant(1), tail);
  return code.copySign(code.select(code.less(code.constant(0.925), size), large, small), x);
}

/** 1 - erf(x), to full precision also where it is small: below 0 it is 2 - erfc(-x). */
export function erfc(code: FloatCode, x: Float): Float {
  const size = code.clampAbove(code.abs(x), code.constant(10.25));
  const [one, two] = [code.constant(1), code.constant(2)];
  const t = code.div(code.sub(size, two), code.add(size, two));
  const { less, bits } = gaussian(code, size);
  // The product and the quotient in doubles: four roundings more would add up to more than 2 units in the last place.
  const doubles = code.doubles;
  const [unit, argument] = [doubles.constant(1), doubles.from(size)];
  const product = doubles.mul(doubles.from(code.polynomial(scaledSeries, t)), doubles.add(doubles.from(less), unit));
  const divisor = doubles.add(doubles.add(argument, argument), unit);
  const tail = scaleByHalves(code, doubles.toFloat(doubles.div(product, divisor)), bits);
  const large = code.select(code.less(x, code.constant(0)), code.sub(two, tail), tail);
  const small = code.sub(one, code.fma(x, code.polynomial(erfSeries, code.mul(x, x)), x));
  return code.select(code.less(size, code.constant(0.7)), small, large);
}
