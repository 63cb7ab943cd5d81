import type { Float, FloatCode } from "./float-code.js";
import { scaleByHalves } from "./exponential.js";
import { decompose } from "./logarithm.js";

// log2(1 + f) = s p(s²) with s = f / (2 + f), in doubles, to 2^-45.
const logSeries: readonly number[] = [
  0.28290392886793014, 0.3199054231947, 0.41220925963241906, 0.5770779422804642, 0.9617966941137273, 2.8853900817778495,
];
// 2^r on |r| ≤ ½, in doubles, to 2^-34.
const powerSeries: readonly number[] = [
  1.5196149471916159e-5, 0.00015466756441475922, 0.001333393507869772, 0.009618038131519704, 0.055504103659728035,
  0.2402265106656678, 0.6931471807045392, 1,
];

/** |x|ʸ = 2^(y log2 |x|), in doubles: y multiplies the error of the logarithm. */
function powerOfSize(code: FloatCode, size: Float, y: Float): Float {
  const doubles = code.doubles;
  const { f, exponent } = decompose(code, size);
  // What has no exponent has no finite logarithm: -Infinity for 0, otherwise itself.
  const zero = code.constant(0);
  const isZero = code.equal(size, zero);
  const ordinary = code.and(code.less(zero, size), code.less(size, code.constant(Infinity)));
  const outside = code.select(isZero, code.constant(-Infinity), size);
  const whole = doubles.from(code.select(ordinary, exponent, outside));
  const mantissa = doubles.from(f);
  const s = doubles.div(mantissa, doubles.add(mantissa, doubles.constant(2)));
  const log2 = doubles.fma(s, doubles.polynomial(logSeries, doubles.mul(s, s)), whole);
  const power = doubles.clamp(doubles.mul(log2, doubles.from(y)), -152, 130);
  const { n, bits } = doubles.round(power, 254);
  const value = doubles.toFloat(doubles.polynomial(powerSeries, doubles.sub(power, n)));
  return scaleByHalves(code, value, bits);
}

/** C's pow. */
export function pow(code: FloatCode, x: Float, y: Float): Float {
  const size = code.abs(x);
  const power = powerOfSize(code, size, y);
  const [zero, one, infinity] = [code.constant(0), code.constant(1), code.constant(Infinity)];
  const whole = code.equal(y, code.trunc(y));
  const half = code.mul(y, code.constant(0.5));
  const odd = code.and(whole, code.notEqual(half, code.trunc(half)));
  const signed = code.negateWhere(code.and(odd, code.isNegative(x)), power);
  // No real power of a negative number, unless y is whole.
  const negative = code.and(code.less(x, zero), code.less(size, infinity));
  const real = code.select(code.and(negative, code.not(whole)), code.constant(NaN), signed);
  // 1, even for NaN: x⁰, 1ʸ and (-1)^±Infinity.
  const endless = code.and(code.equal(size, one), code.equal(code.abs(y), infinity));
  const unit = code.or(code.or(code.equal(y, zero), code.equal(x, one)), endless);
  return code.select(unit, one, real);
}
