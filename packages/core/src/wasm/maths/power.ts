import type { Float, Lanes } from "./arithmetic.js";
import { DoubleLanes } from "./double-lanes.js";
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
// Adding 1.5 · 2^52 to a double rounds to a whole number, which its low bits then hold.
const rounding = 6755399441055744;

/** |x|ʸ = 2^(y log2 |x|), in doubles: y multiplies the error of the logarithm. */
function powerOfSize(lanes: Lanes, size: Float, y: Float): Float {
  const doubles = new DoubleLanes(lanes);
  const { f, exponent } = decompose(lanes, size);
  // What has no exponent has no finite logarithm: -Infinity for 0, otherwise itself.
  const zero = lanes.constant(0);
  const isZero = lanes.equal(size, zero);
  const ordinary = lanes.and(lanes.less(zero, size), lanes.less(size, lanes.constant(Infinity)));
  const outside = lanes.select(isZero, lanes.constant(-Infinity), size);
  const whole = doubles.from(lanes.select(ordinary, exponent, outside));
  const mantissa = doubles.from(f);
  const s = doubles.div(mantissa, doubles.add(mantissa, doubles.constant(2)));
  const log2 = doubles.fma(s, doubles.polynomial(logSeries, doubles.mul(s, s)), whole);
  const power = doubles.clamp(doubles.mul(log2, doubles.from(y)), -152, 130);
  const shifted = doubles.add(power, doubles.constant(rounding + 254));
  const n = doubles.sub(shifted, doubles.constant(rounding + 254));
  const value = doubles.toFloat(doubles.polynomial(powerSeries, doubles.sub(power, n)));
  return scaleByHalves(lanes, value, doubles.lowBits(shifted));
}

/** C's pow. */
export function pow(lanes: Lanes, x: Float, y: Float): Float {
  const size = lanes.abs(x);
  const power = powerOfSize(lanes, size, y);
  const [zero, one, infinity] = [lanes.constant(0), lanes.constant(1), lanes.constant(Infinity)];
  const whole = lanes.equal(y, lanes.trunc(y));
  const half = lanes.mul(y, lanes.constant(0.5));
  const odd = lanes.and(whole, lanes.notEqual(half, lanes.trunc(half)));
  const signed = lanes.flipSign(power, lanes.signOf(lanes.only(odd, x)));
  // No real power of a negative number, unless y is whole.
  const negative = lanes.and(lanes.less(x, zero), lanes.less(size, infinity));
  const real = lanes.select(lanes.and(negative, lanes.not(whole)), lanes.constant(NaN), signed);
  // 1, even for NaN: x⁰, 1ʸ and (-1)^±Infinity.
  const endless = lanes.and(lanes.equal(size, one), lanes.equal(lanes.abs(y), infinity));
  const unit = lanes.or(lanes.or(lanes.equal(y, zero), lanes.equal(x, one)), endless);
  return lanes.select(unit, one, real);
}
