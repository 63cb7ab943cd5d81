import { type Float, floatBits, type Int, type Lanes, type Mask } from "./arithmetic.js";
import { ln2High, ln2Low, oddSeries } from "./exponential.js";

// log(1 + f) = f - f² / 2 + f³ p(f) on √½ - 1 ≤ f ≤ √2 - 1, to 2^-27.
const logSeries: readonly number[] = [
  -0.076363996, 0.127622, -0.13159613, 0.14201581, -0.16623409, 0.20001242, -0.2500082, 0.3333333,
];
// log2(1 + f) = f + f p(f) there, to 2^-27.
const log2Series: readonly number[] = [
  -0.11610256, 0.18682452, -0.18837088, 0.20417847, -0.23994018, 0.28861657, -0.36068293, 0.48089656, -0.7213475,
  0.44269505,
];
// log10(1 + f) = f / 2 + f p(f) there, to 2^-27.
const log10Series: readonly number[] = [
  -0.033877786, 0.055751603, -0.05696296, 0.061587922, -0.072211176, 0.086872354, -0.108576626, 0.14476454, -0.21714725,
  -0.065705515,
];

// log10(2) in two parts: products of the first with exponents are exact.
const log10of2High = 0.30078125;
const log10of2Low: number = Math.LOG10E * Math.LN2 - log10of2High;

/** A number as (1 + f) 2ⁿ with 1 + f between √½ and √2. */
interface Parts {
  readonly f: Float;
  readonly exponent: Float;
  /** n in the place of a float32's exponent. */
  readonly shifted: Int;
}

function decomposeNormal(lanes: Lanes, x: Float): Parts {
  const bottom = lanes.integer(floatBits(Math.SQRT1_2));
  const above = lanes.intSub(lanes.asInt(x), bottom);
  const mantissa = lanes.asFloat(lanes.intAdd(lanes.and(above, lanes.integer(0x7fffff)), bottom));
  return {
    f: lanes.sub(mantissa, lanes.constant(1)),
    exponent: lanes.toFloat(lanes.shiftRight(above, 23)),
    shifted: lanes.and(above, lanes.integer(0xff800000)),
  };
}

/** The parts of any positive number: subnormal ones have no exponent of their own, and are scaled up first. */
export function decompose(lanes: Lanes, x: Float): { f: Float; exponent: Float } {
  const tiny = lanes.less(x, lanes.constant(2 ** -126));
  const scaled = lanes.select(tiny, lanes.mul(x, lanes.constant(2 ** 24)), x);
  const { f, exponent } = decomposeNormal(lanes, scaled);
  return { f, exponent: lanes.sub(exponent, lanes.only(tiny, lanes.constant(24))) };
}

/** A logarithm: -Infinity at 0, NaN below and for NaN, Infinity at Infinity; `value` elsewhere. */
function logarithmAt(lanes: Lanes, x: Float, value: Float): Float {
  const zero = lanes.constant(0);
  const outside = lanes.select(lanes.equal(x, zero), lanes.constant(-Infinity), lanes.constant(NaN));
  const inside = lanes.select(lanes.equal(x, lanes.constant(Infinity)), x, value);
  return lanes.select(lanes.less(zero, x), inside, outside);
}

/** log((1 + f) 2ⁿ) */
function logOf(lanes: Lanes, f: Float, exponent: Float): Float {
  const square = lanes.mul(f, f);
  const tail = lanes.mul(lanes.polynomial(logSeries, f), lanes.mul(square, f));
  const rest = lanes.fma(exponent, lanes.constant(ln2Low), tail);
  const sum = lanes.add(lanes.fnma(lanes.constant(0.5), square, rest), f);
  return lanes.fma(exponent, lanes.constant(ln2High), sum);
}

export function log(lanes: Lanes, x: Float): Float {
  const { f, exponent } = decompose(lanes, x);
  return logarithmAt(lanes, x, logOf(lanes, f, exponent));
}

export function log2(lanes: Lanes, x: Float): Float {
  const { f, exponent } = decompose(lanes, x);
  const small = lanes.fma(f, lanes.polynomial(log2Series, f), f);
  return logarithmAt(lanes, x, lanes.add(exponent, small));
}

export function log10(lanes: Lanes, x: Float): Float {
  const { f, exponent } = decompose(lanes, x);
  const low = lanes.mul(exponent, lanes.constant(log10of2Low));
  const small = lanes.fma(f, lanes.constant(0.5), lanes.fma(f, lanes.polynomial(log10Series, f), low));
  return logarithmAt(lanes, x, lanes.fma(exponent, lanes.constant(log10of2High), small));
}

/** log(1 + x): the logarithm of the rounded sum, whose rounding error goes into f. */
export function log1p(lanes: Lanes, x: Float): Float {
  const one = lanes.constant(1);
  const sum = lanes.add(x, one);
  const added = lanes.sub(sum, one);
  const lost = lanes.add(lanes.sub(x, added), lanes.sub(one, lanes.sub(sum, added)));
  const { f, exponent, shifted } = decomposeNormal(lanes, sum);
  // lost · 2⁻ⁿ: nothing for large sums, where 2⁻ⁿ has no normal float32.
  const scale = lanes.asFloat(lanes.intSub(lanes.integer(floatBits(1)), shifted));
  const counts = lanes.less(sum, lanes.constant(2 ** 60));
  const exact = lanes.add(f, lanes.only(counts, lanes.mul(lost, scale)));
  // The sign of -0 got lost in the sum.
  return lanes.copySign(logarithmAt(lanes, sum, logOf(lanes, exact, exponent)), x);
}

// asinh(x) = x + x³ p(x²) on |x| ≤ 0.75, to 2^-30.
const asinhSeries: readonly number[] = [
  -0.0029830025, 0.010453661, -0.019702788, 0.029770654, -0.04456524, 0.07499524, -0.16666657,
];
// acosh(1 + t) = √(2 t) p(t) on t ≤ 0.5, to 2^-29.
const acoshSeries: readonly number[] = [-0.0004133875, 0.0017602185, -0.0055479147, 0.018746605, -0.08333322, 1];
// atanh(x) = x + x³ p(x²) on |x| ≤ 0.5, to 2^-29.
const atanhSeries: readonly number[] = [0.1763785, 0.05160436, 0.11816386, 0.14223786, 0.20002453, 0.33333302];

/** log(x + root) for x ≥ 1, of half the sum, which is finite. */
function logOfSum(lanes: Lanes, x: Float, root: Float): Float {
  const half = lanes.constant(0.5);
  const sum = lanes.add(lanes.mul(x, half), lanes.mul(root, half));
  const { f, exponent } = decomposeNormal(lanes, sum);
  return logOf(lanes, f, lanes.add(exponent, lanes.constant(1)));
}

/** Whether the square of x, beside 1, is nothing but x². */
function isLarge(lanes: Lanes, x: Float): Mask {
  return lanes.less(lanes.constant(2 ** 13), x);
}

/** asinh x = log(x + √(x² + 1)); a polynomial near 0. */
export function asinh(lanes: Lanes, x: Float): Float {
  const size = lanes.abs(x);
  const root = lanes.sqrt(lanes.fma(size, size, lanes.constant(1)));
  const large = logOfSum(lanes, size, lanes.select(isLarge(lanes, size), size, root));
  const small = oddSeries(lanes, size, asinhSeries);
  // Infinity and NaN have no logarithm here, but are their own asinh.
  const finite = lanes.less(size, lanes.constant(Infinity));
  const value = lanes.select(lanes.less(lanes.constant(0.75), size), large, small);
  return lanes.copySign(lanes.select(finite, value, size), x);
}

/** acosh x = log(x + √(x² - 1)), NaN below 1; a polynomial near 1. */
export function acosh(lanes: Lanes, x: Float): Float {
  const above = lanes.sub(x, lanes.constant(1));
  const root = lanes.sqrt(lanes.mul(above, lanes.add(x, lanes.constant(1))));
  const large = logOfSum(lanes, x, lanes.select(isLarge(lanes, x), x, root));
  // The square root makes NaN of what is below 1.
  const small = lanes.mul(lanes.sqrt(lanes.add(above, above)), lanes.polynomial(acoshSeries, above));
  const value = lanes.select(lanes.less(lanes.constant(1.5), x), large, small);
  return lanes.select(lanes.equal(x, lanes.constant(Infinity)), x, value);
}

/** atanh x = ½ log((1 + x) / (1 - x)), infinite at ±1, NaN beyond; a polynomial near 0. */
export function atanh(lanes: Lanes, x: Float): Float {
  const size = lanes.abs(x);
  const one = lanes.constant(1);
  const ratio = lanes.div(lanes.add(one, size), lanes.sub(one, size));
  const { f, exponent } = decomposeNormal(lanes, ratio);
  const large = logarithmAt(lanes, ratio, lanes.mul(lanes.constant(0.5), logOf(lanes, f, exponent)));
  const small = oddSeries(lanes, size, atanhSeries);
  return lanes.copySign(lanes.select(lanes.lessOrEqual(size, lanes.constant(0.5)), small, large), x);
}
