import type { Float, Int, FloatCode } from "./float-code.js";

// exp(r) on |r| ≤ ln 2 / 2, to 2^-28.
const expSeries: readonly number[] = [0.0013821041, 0.008368674, 0.041668262, 0.16666521, 0.49999994, 1, 1];
// expm1(r) = r + r² p(r) there, to 2^-26.
const expm1Series: readonly number[] = [0.0013870301, 0.008366258, 0.04166744, 0.16666546, 0.49999997];

// ln 2 in two parts: the first has so few digits that its products with exponents are exact.
export const ln2High = 0.693359375;
export const ln2Low: number = Math.LN2 - ln2High;

/** x = n ln 2 + r with n whole; `bits` end in n + bias. */
function reduce(code: FloatCode, x: Float, bias: number): { bits: Int; r: Float } {
  const { n, bits } = code.roundProduct(x, Math.LOG2E, bias);
  return { bits, r: code.fnma(n, code.constant(ln2Low), code.fnma(n, code.constant(ln2High), x)) };
}

/** value · 2ⁿ for bits that end in n + 254: in two halves, so that it over- and underflows as it should. */
export function scaleByHalves(code: FloatCode, value: Float, bits: Int): Float {
  // The halves of n + 254 are exponents with their bias of 127.
  const half = code.shiftRight(bits, 1);
  const first = code.asFloat(code.shiftLeft(half, 23));
  const second = code.asFloat(code.shiftLeft(code.intSub(bits, half), 23));
  return code.mul(code.keep(code.mul(value, first)), second);
}

/** eˣ = 2ⁿ eʳ with n = x / ln 2 rounded. */
export function exp(code: FloatCode, argument: Float): Float {
  const x = code.clampBelow(code.clampAbove(argument, code.constant(89)), code.constant(-104));
  const { bits, r } = reduce(code, x, 254);
  return scaleByHalves(code, code.polynomial(expSeries, r), bits);
}

/** eˣ for -87 ≤ x ≤ 88. */
export function expWithin(code: FloatCode, x: Float): Float {
  const { bits, r } = reduce(code, x, 127);
  return code.mul(code.polynomial(expSeries, r), code.asFloat(code.shiftLeft(bits, 23)));
}

/** e^(-x²) for 0 ≤ x ≤ 11, as (1 + less) 2ⁿ: `bits` end in n + 254. */
export function gaussian(code: FloatCode, x: Float): { less: Float; bits: Int } {
  // x² in two parts, the first exact: a rounding error in it would be multiplied by x².
  const head = code.asFloat(code.and(code.asInt(x), code.integer(0xfffff000)));
  const rest = code.mul(code.sub(x, head), code.add(x, head));
  const square = code.mul(head, head);
  const { n, bits } = code.roundProduct(code.mul(x, x), -Math.LOG2E, 254);
  const minus = code.fma(n, code.constant(ln2Low), code.fma(n, code.constant(ln2High), square));
  const r = code.neg(code.add(minus, rest));
  const less = code.fma(code.mul(r, r), code.polynomial(expm1Series, r), r);
  return { less, bits };
}

/** eˣ / 2, which is finite a little longer than eˣ; for x ≥ 0. */
function halfExp(code: FloatCode, x: Float): Float {
  const { bits, r } = reduce(code, code.clampAbove(x, code.constant(91)), 253);
  return scaleByHalves(code, code.polynomial(expSeries, r), bits);
}

/** eˣ - 1 = 2 (h expm1(r) + h - ½) with h = 2ⁿ⁻¹, which is finite where 2ⁿ is not. */
export function expm1(code: FloatCode, argument: Float): Float {
  const x = code.clampBelow(code.clampAbove(argument, code.constant(89)), code.constant(-18));
  const { bits, r } = reduce(code, x, 126);
  const half = code.asFloat(code.shiftLeft(bits, 23));
  const small = code.fma(code.mul(r, r), code.polynomial(expm1Series, r), r);
  const sum = code.fma(half, small, code.sub(half, code.constant(0.5)));
  // Near 0 it is x itself: keep -0, and the last bit of subnormal numbers.
  const tiny = code.less(code.abs(argument), code.constant(2 ** -30));
  return code.select(tiny, argument, code.add(sum, sum));
}

/** cosh x = h + 1 / (4 h) with h = e^|x| / 2. */
export function cosh(code: FloatCode, x: Float): Float {
  const half = halfExp(code, code.abs(x));
  return code.add(half, code.div(code.constant(0.25), half));
}

// sinh(x) = x + x³ p(x²) on |x| ≤ 1, to 2^-31.
const sinhSeries: readonly number[] = [2.7822132e-6, 0.00019842896, 0.0083333105, 0.16666667];

/** sinh x = h - 1 / (4 h) with h = e^|x| / 2; a polynomial up to 1. */
export function sinh(code: FloatCode, x: Float): Float {
  const size = code.abs(x);
  const half = halfExp(code, size);
  const large = code.sub(half, code.div(code.constant(0.25), half));
  const one = code.constant(1);
  const small = oddSeries(code, size, sinhSeries);
  return code.copySign(code.select(code.less(one, size), large, small), x);
}

// tanh(x) = x + x³ p(x²) on |x| ≤ 0.625, to 2^-27.
const tanhSeries: readonly number[] = [-0.005697346, 0.020631723, -0.053737268, 0.1333141, -0.3333328];

/** tanh x = 1 - 2 / (e^2x + 1); a polynomial near 0. */
export function tanh(code: FloatCode, x: Float): Float {
  const size = code.abs(x);
  const one = code.constant(1);
  const power = expWithin(code, code.clampAbove(code.add(size, size), code.constant(19)));
  const large = code.sub(one, code.div(code.constant(2), code.add(power, one)));
  const small = oddSeries(code, size, tanhSeries);
  return code.copySign(code.select(code.less(code.constant(0.625), size), large, small), x);
}

/** x + x³ p(x²), for x ≥ 0. */
export function oddSeries(code: FloatCode, x: Float, coefficients: readonly number[]): Float {
  const square = code.mul(x, x);
  return code.fma(code.mul(square, x), code.polynomial(coefficients, square), x);
}
