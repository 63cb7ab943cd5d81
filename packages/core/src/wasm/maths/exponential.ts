import type { Float, Lanes } from "./arithmetic.js";

// exp(r) on |r| ≤ ln 2 / 2, to 2^-28.
export const expSeries: readonly number[] = [
  0.0013821041211485863, 0.008368673734366894, 0.04166826233267784, 0.1666652113199234, 0.4999999403953552, 1, 1,
];

export const log2e: number = Math.LOG2E;
// ln 2 in two parts: the first has so few digits that its products with exponents are exact.
export const ln2High = 0.693359375;
export const ln2Low: number = Math.LN2 - ln2High;

// Adding 1.5 · 2^23 rounds to a whole number, which the low bits of the sum then hold.
const rounding = 12582912;

/** eˣ = 2ⁿ eʳ with n = x / ln 2 rounded. 2ⁿ is applied in two halves, so that it over- and underflows as it should. */
export function exp(lanes: Lanes, argument: Float): Float {
  const x = lanes.clampBelow(lanes.clampAbove(argument, lanes.constant(89)), lanes.constant(-104));
  // 254: the low bits hold n + 254, whose halves are the halves' exponents with their bias of 127.
  const shifted = lanes.fma(x, lanes.constant(log2e), lanes.constant(rounding + 254));
  const n = lanes.sub(shifted, lanes.constant(rounding + 254));
  const r = lanes.fnma(n, lanes.constant(ln2Low), lanes.fnma(n, lanes.constant(ln2High), x));
  const power = lanes.polynomial(expSeries, r);
  const bits = lanes.asInt(shifted);
  const half = lanes.shiftRight(bits, 1);
  const first = lanes.asFloat(lanes.shiftLeft(half, 23));
  const second = lanes.asFloat(lanes.shiftLeft(lanes.intSub(bits, half), 23));
  return lanes.mul(lanes.mul(power, first), second);
}
