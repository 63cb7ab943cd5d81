import type { Float, FloatCode, Int } from "./float-code.js";

// sin(r) = r + r³ p(r²) on |r| ≤ π / 4, to 2^-28.
const sinSeries: readonly number[] = [-0.00019518286, 0.008332189, -0.16666655];
// cos(r) = 1 - r² / 2 + r⁴ p(r²) there, to 2^-33.
const cosSeries: readonly number[] = [2.4432564e-5, -0.0013887311, 0.041666646];
// tan(r) = r + r³ p(r²) there, in doubles, to 2^-29.
const tanSeries: readonly number[] = [
  0.004377362436126288, 8.737980020861614e-5, 0.010837474814867968, 0.02128156184854356, 0.054060034536211894,
  0.13332662323133437, 0.3333334978370096,
];

/** sin(n π / 2 + r), for any n. */
function sinOf(code: FloatCode, r: Float, n: Int): Float {
  const square = code.mul(r, r);
  const sin = code.fma(code.mul(square, r), code.polynomial(sinSeries, square), r);
  const tail = code.mul(code.polynomial(cosSeries, square), code.mul(square, square));
  const cos = code.add(code.fnma(code.constant(0.5), square, code.constant(1)), tail);
  const value = code.select(code.isOdd(n), cos, sin);
  return code.negateWhere(code.isOdd(code.shiftRight(n, 1)), value);
}

export function sin(code: FloatCode, x: Float): Float {
  const { r, n } = code.quarters(code.abs(x));
  return code.negateWhere(code.isNegative(x), sinOf(code, code.doubles.toFloat(r), n));
}

export function cos(code: FloatCode, x: Float): Float {
  const { r, n } = code.quarters(code.abs(x));
  return sinOf(code, code.doubles.toFloat(r), code.intAdd(n, code.integer(1)));
}

/** tan r, and -1 / tan r in odd quadrants; in doubles, since errors of r, the polynomial and the quotient add up. */
export function tan(code: FloatCode, x: Float): Float {
  const { doubles } = code;
  const { r, n } = code.quarters(code.abs(x));
  const square = doubles.mul(r, r);
  const tangent = doubles.fma(doubles.mul(square, r), doubles.polynomial(tanSeries, square), r);
  const even = doubles.toFloat(tangent);
  const odd = doubles.toFloat(doubles.div(doubles.constant(-1), tangent));
  return code.negateWhere(code.isNegative(x), code.select(code.isOdd(n), odd, even));
}
