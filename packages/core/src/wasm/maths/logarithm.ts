import { type Float, floatBits, type Lanes } from "./arithmetic.js";
import { ln2High, ln2Low } from "./exponential.js";

// log(1 + f) = f - f² / 2 + f³ p(f) on √½ - 1 ≤ f ≤ √2 - 1, to 2^-27.
const logSeries: readonly number[] = [
  -0.0763639509677887, 0.12762197852134705, -0.1315961331129074, 0.14201581478118896, -0.166234090924263,
  0.2000124156475067, -0.2500081956386566, 0.3333333134651184,
];

/** x = (1 + f) 2ᵉ with 1 + f between √½ and √2. */
function decompose(lanes: Lanes, x: Float): { f: Float; exponent: Float } {
  // Subnormal numbers have no exponent of their own: they are scaled up first.
  const tiny = lanes.less(x, lanes.constant(2 ** -126));
  const scaled = lanes.select(tiny, lanes.mul(x, lanes.constant(2 ** 24)), x);
  const above = lanes.intSub(lanes.asInt(scaled), lanes.integer(floatBits(Math.SQRT1_2)));
  const whole = lanes.toFloat(lanes.shiftRight(above, 23));
  const exponent = lanes.sub(whole, lanes.only(tiny, lanes.constant(24)));
  const mantissa = lanes.intAdd(lanes.and(above, lanes.integer(0x7fffff)), lanes.integer(floatBits(Math.SQRT1_2)));
  return { f: lanes.sub(lanes.asFloat(mantissa), lanes.constant(1)), exponent };
}

/** -Infinity at 0, NaN below and for NaN, Infinity at Infinity; `value` elsewhere. */
function logarithmAt(lanes: Lanes, x: Float, value: Float): Float {
  const zero = lanes.constant(0);
  const outside = lanes.select(lanes.equal(x, zero), lanes.constant(-Infinity), lanes.constant(NaN));
  const inside = lanes.select(lanes.equal(x, lanes.constant(Infinity)), x, value);
  return lanes.select(lanes.less(zero, x), inside, outside);
}

export function log(lanes: Lanes, x: Float): Float {
  const { f, exponent } = decompose(lanes, x);
  const square = lanes.mul(f, f);
  const tail = lanes.mul(lanes.polynomial(logSeries, f), lanes.mul(square, f));
  const rest = lanes.fma(exponent, lanes.constant(ln2Low), tail);
  const sum = lanes.add(lanes.fnma(lanes.constant(0.5), square, rest), f);
  return logarithmAt(lanes, x, lanes.fma(exponent, lanes.constant(ln2High), sum));
}
