import type { Float, Int, Lanes } from "./arithmetic.js";

// exp(r) on |r| ≤ ln 2 / 2, to 2^-28.
const expSeries: readonly number[] = [0.0013821041, 0.008368674, 0.041668262, 0.16666521, 0.49999994, 1, 1];
// expm1(r) = r + r² p(r) there, to 2^-26.
const expm1Series: readonly number[] = [0.0013870301, 0.008366258, 0.04166744, 0.16666546, 0.49999997];

// ln 2 in two parts: the first has so few digits that its products with exponents are exact.
export const ln2High = 0.693359375;
export const ln2Low: number = Math.LN2 - ln2High;

// Adding 1.5 · 2^23 rounds to a whole number, which the low bits of the sum then hold.
const rounding = 12582912;

/** x = n ln 2 + r with n whole; `bits` end in n + bias. */
function reduce(lanes: Lanes, x: Float, bias: number): { bits: Int; n: Float; r: Float } {
  const shifted = lanes.fma(x, lanes.constant(Math.LOG2E), lanes.constant(rounding + bias));
  const n = lanes.sub(shifted, lanes.constant(rounding + bias));
  const r = lanes.fnma(n, lanes.constant(ln2Low), lanes.fnma(n, lanes.constant(ln2High), x));
  return { bits: lanes.asInt(shifted), n, r };
}

/** value · 2ⁿ for bits that end in n + 254: in two halves, so that it over- and underflows as it should. */
export function scaleByHalves(lanes: Lanes, value: Float, bits: Int): Float {
  // The halves of n + 254 are exponents with their bias of 127.
  const half = lanes.shiftRight(bits, 1);
  const first = lanes.asFloat(lanes.shiftLeft(half, 23));
  const second = lanes.asFloat(lanes.shiftLeft(lanes.intSub(bits, half), 23));
  return lanes.mul(lanes.mul(value, first), second);
}

/** eˣ = 2ⁿ eʳ with n = x / ln 2 rounded. */
export function exp(lanes: Lanes, argument: Float): Float {
  const x = lanes.clampBelow(lanes.clampAbove(argument, lanes.constant(89)), lanes.constant(-104));
  const { bits, r } = reduce(lanes, x, 254);
  return scaleByHalves(lanes, lanes.polynomial(expSeries, r), bits);
}

/** eˣ for -87 ≤ x ≤ 88. */
export function expWithin(lanes: Lanes, x: Float): Float {
  const { bits, r } = reduce(lanes, x, 127);
  return lanes.mul(lanes.polynomial(expSeries, r), lanes.asFloat(lanes.shiftLeft(bits, 23)));
}

/** e^(-x²) for 0 ≤ x ≤ 11, as (1 + less) 2ⁿ: `bits` end in n + 254. */
export function gaussian(lanes: Lanes, x: Float): { less: Float; bits: Int } {
  // x² in two parts, the first exact: a rounding error in it would be multiplied by x².
  const head = lanes.asFloat(lanes.and(lanes.asInt(x), lanes.integer(0xfffff000)));
  const rest = lanes.mul(lanes.sub(x, head), lanes.add(x, head));
  const square = lanes.mul(head, head);
  const shifted = lanes.fnma(lanes.mul(x, x), lanes.constant(Math.LOG2E), lanes.constant(rounding + 254));
  const n = lanes.sub(shifted, lanes.constant(rounding + 254));
  const minus = lanes.fma(n, lanes.constant(ln2Low), lanes.fma(n, lanes.constant(ln2High), square));
  const r = lanes.neg(lanes.add(minus, rest));
  const less = lanes.fma(lanes.mul(r, r), lanes.polynomial(expm1Series, r), r);
  return { less, bits: lanes.asInt(shifted) };
}

/** eˣ / 2, which is finite a little longer than eˣ; for x ≥ 0. */
function halfExp(lanes: Lanes, x: Float): Float {
  const { bits, r } = reduce(lanes, lanes.clampAbove(x, lanes.constant(91)), 253);
  return scaleByHalves(lanes, lanes.polynomial(expSeries, r), bits);
}

/** eˣ - 1 = 2 (h expm1(r) + h - ½) with h = 2ⁿ⁻¹, which is finite where 2ⁿ is not. */
export function expm1(lanes: Lanes, argument: Float): Float {
  const x = lanes.clampBelow(lanes.clampAbove(argument, lanes.constant(89)), lanes.constant(-18));
  const { bits, r } = reduce(lanes, x, 126);
  const half = lanes.asFloat(lanes.shiftLeft(bits, 23));
  const small = lanes.fma(lanes.mul(r, r), lanes.polynomial(expm1Series, r), r);
  const sum = lanes.fma(half, small, lanes.sub(half, lanes.constant(0.5)));
  // Near 0 it is x itself: keep -0, and the last bit of subnormal numbers.
  const tiny = lanes.less(lanes.abs(argument), lanes.constant(2 ** -30));
  return lanes.select(tiny, argument, lanes.add(sum, sum));
}

/** cosh x = h + 1 / (4 h) with h = e^|x| / 2. */
export function cosh(lanes: Lanes, x: Float): Float {
  const half = halfExp(lanes, lanes.abs(x));
  return lanes.add(half, lanes.div(lanes.constant(0.25), half));
}

// sinh(x) = x + x³ p(x²) on |x| ≤ 1, to 2^-31.
const sinhSeries: readonly number[] = [2.7822132e-6, 0.00019842896, 0.0083333105, 0.16666667];

/** sinh x = h - 1 / (4 h) with h = e^|x| / 2; a polynomial up to 1. */
export function sinh(lanes: Lanes, x: Float): Float {
  const size = lanes.abs(x);
  const half = halfExp(lanes, size);
  const large = lanes.sub(half, lanes.div(lanes.constant(0.25), half));
  const one = lanes.constant(1);
  const small = oddSeries(lanes, size, sinhSeries);
  return lanes.copySign(lanes.select(lanes.less(one, size), large, small), x);
}

// tanh(x) = x + x³ p(x²) on |x| ≤ 0.625, to 2^-27.
const tanhSeries: readonly number[] = [-0.005697346, 0.020631723, -0.053737268, 0.1333141, -0.3333328];

/** tanh x = 1 - 2 / (e^2x + 1); a polynomial near 0. */
export function tanh(lanes: Lanes, x: Float): Float {
  const size = lanes.abs(x);
  const one = lanes.constant(1);
  const power = expWithin(lanes, lanes.clampAbove(lanes.add(size, size), lanes.constant(19)));
  const large = lanes.sub(one, lanes.div(lanes.constant(2), lanes.add(power, one)));
  const small = oddSeries(lanes, size, tanhSeries);
  return lanes.copySign(lanes.select(lanes.less(lanes.constant(0.625), size), large, small), x);
}

/** x + x³ p(x²), for x ≥ 0. */
export function oddSeries(lanes: Lanes, x: Float, coefficients: readonly number[]): Float {
  const square = lanes.mul(x, x);
  return lanes.fma(lanes.mul(square, x), lanes.polynomial(coefficients, square), x);
}
