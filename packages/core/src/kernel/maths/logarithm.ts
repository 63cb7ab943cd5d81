import { type Float, floatBits, type Int, type FloatCode, type Mask } from "./float-code.js";
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

function decomposeNormal(code: FloatCode, x: Float): Parts {
  const bottom = code.integer(floatBits(Math.SQRT1_2));
  const above = code.intSub(code.asInt(x), bottom);
  const mantissa = code.asFloat(code.intAdd(code.and(above, code.integer(0x7fffff)), bottom));
  return {
    f: code.sub(mantissa, code.constant(1)),
    exponent: code.toFloat(code.shiftRight(above, 23)),
    shifted: code.and(above, code.integer(0xff800000)),
  };
}

/** The parts of any positive number: subnormal ones have no exponent of their own, and are scaled up first. */
export function decompose(code: FloatCode, x: Float): { f: Float; exponent: Float } {
  const tiny = code.less(x, code.constant(2 ** -126));
  const scaled = code.select(tiny, code.mul(x, code.constant(2 ** 24)), x);
  const { f, exponent } = decomposeNormal(code, scaled);
  return { f, exponent: code.sub(exponent, code.only(tiny, code.constant(24))) };
}

/** A logarithm: -Infinity at 0, NaN below and for NaN, Infinity at Infinity; `value` elsewhere. */
function logarithmAt(code: FloatCode, x: Float, value: Float): Float {
  const zero = code.constant(0);
  const outside = code.select(code.equal(x, zero), code.constant(-Infinity), code.constant(NaN));
  const inside = code.select(code.equal(x, code.constant(Infinity)), x, value);
  return code.select(code.less(zero, x), inside, outside);
}

/** log((1 + f) 2ⁿ) */
function logOf(code: FloatCode, f: Float, exponent: Float): Float {
  const square = code.mul(f, f);
  const tail = code.mul(code.polynomial(logSeries, f), code.mul(square, f));
  const rest = code.fma(exponent, code.constant(ln2Low), tail);
  const sum = code.add(code.fnma(code.constant(0.5), square, rest), f);
  return code.fma(exponent, code.constant(ln2High), sum);
}

export function log(code: FloatCode, x: Float): Float {
  const { f, exponent } = decompose(code, x);
  return logarithmAt(code, x, logOf(code, f, exponent));
}

export function log2(code: FloatCode, x: Float): Float {
  const { f, exponent } = decompose(code, x);
  const small = code.fma(f, code.polynomial(log2Series, f), f);
  return logarithmAt(code, x, code.add(exponent, small));
}

export function log10(code: FloatCode, x: Float): Float {
  const { f, exponent } = decompose(code, x);
  const low = code.mul(exponent, code.constant(log10of2Low));
  const small = code.fma(f, code.constant(0.5), code.fma(f, code.polynomial(log10Series, f), low));
  return logarithmAt(code, x, code.fma(exponent, code.constant(log10of2High), small));
}

/** log(1 + x): the logarithm of the rounded sum, whose rounding error goes into f. */
export function log1p(code: FloatCode, x: Float): Float {
  const one = code.constant(1);
  const sum = code.keep(code.add(x, one));
  const added = code.keep(code.sub(sum, one));
  const lost = code.add(code.sub(x, added), code.sub(one, code.keep(code.sub(sum, added))));
  const { f, exponent, shifted } = decomposeNormal(code, sum);
  // lost · 2⁻ⁿ: nothing for large sums, where 2⁻ⁿ has no normal float32.
  const scale = code.asFloat(code.intSub(code.integer(floatBits(1)), shifted));
  const counts = code.less(sum, code.constant(2 ** 60));
  const exact = code.add(f, code.only(counts, code.mul(lost, scale)));
  // The sign of -0 got lost in the sum.
  return code.copySign(logarithmAt(code, sum, logOf(code, exact, exponent)), x);
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
function logOfSum(code: FloatCode, x: Float, root: Float): Float {
  const half = code.constant(0.5);
  const sum = code.add(code.keep(code.mul(x, half)), code.mul(root, half));
  const { f, exponent } = decomposeNormal(code, sum);
  return logOf(code, f, code.add(exponent, code.constant(1)));
}

/** Whether the square of x, beside 1, is nothing but x². */
function isLarge(code: FloatCode, x: Float): Mask {
  return code.less(code.constant(2 ** 13), x);
}

/** asinh x = log(x + √(x² + 1)); a polynomial near 0. */
export function asinh(code: FloatCode, x: Float): Float {
  const size = code.abs(x);
  const root = code.sqrt(code.fma(size, size, code.constant(1)));
  const large = logOfSum(code, size, code.select(isLarge(code, size), size, root));
  const small = oddSeries(code, size, asinhSeries);
  // Infinity and NaN have no logarithm here, but are their own asinh.
  const finite = code.less(size, code.constant(Infinity));
  const value = code.select(code.less(code.constant(0.75), size), large, small);
  return code.copySign(code.select(finite, value, size), x);
}

/** acosh x = log(x + √(x² - 1)), NaN below 1; a polynomial near 1. */
export function acosh(code: FloatCode, x: Float): Float {
  const above = code.sub(x, code.constant(1));
  const root = code.sqrt(code.mul(above, code.add(x, code.constant(1))));
  const large = logOfSum(code, x, code.select(isLarge(code, x), x, root));
  // The square root makes NaN of what is below 1.
  const small = code.mul(code.sqrt(code.add(above, above)), code.polynomial(acoshSeries, above));
  const value = code.select(code.less(code.constant(1.5), x), large, small);
  return code.select(code.equal(x, code.constant(Infinity)), x, value);
}

/** atanh x = ½ log((1 + x) / (1 - x)), infinite at ±1, NaN beyond; a polynomial near 0. */
export function atanh(code: FloatCode, x: Float): Float {
  const size = code.abs(x);
  const one = code.constant(1);
  const ratio = code.div(code.add(one, size), code.sub(one, size));
  const { f, exponent } = decomposeNormal(code, ratio);
  const large = logarithmAt(code, ratio, code.mul(code.constant(0.5), logOf(code, f, exponent)));
  const small = oddSeries(code, size, atanhSeries);
  return code.copySign(code.select(code.lessOrEqual(size, code.constant(0.5)), small, large), x);
}
