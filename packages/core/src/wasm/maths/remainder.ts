import type { BinaryName } from "../../program/vocabulary.js";
import type { Float, Lanes, Mask } from "./arithmetic.js";
import { DoubleLanes } from "./double-lanes.js";

/** What a function makes of the rest, which has the sign of x. */
type Finish = (lanes: Lanes, rest: Float, x: Float, y: Float) => Float;

/**
 * The rest of x / y is x - n · y, with n the quotient cut towards zero. In float64 it is exact as long as n has at most 28
 * bits: the quotient of two float32 is at least 2^-24 away from the next whole number, and n · y has 52 bits. Other lanes
 * are the host's.
 */
const exactly =
  (name: BinaryName, finish: Finish) =>
  (lanes: Lanes, x: Float, y: Float): Float => {
    const small = lanes.less(lanes.abs(lanes.div(x, y)), lanes.constant(2 ** 28));
    const finite = lanes.less(lanes.abs(y), lanes.constant(Infinity));
    const doubles = new DoubleLanes(lanes);
    const [dividend, divisor] = [doubles.from(x), doubles.from(y)];
    const whole = doubles.trunc(doubles.div(dividend, divisor));
    const rest = doubles.toFloat(doubles.sub(dividend, doubles.mul(whole, divisor)));
    return lanes.rare(lanes.not(lanes.and(small, finite)), name, finish(lanes, lanes.copySign(rest, x), x, y), x, y);
  };

/** Where there is a rest of another sign than the divisor's. */
function isBeyond(lanes: Lanes, rest: Float, y: Float): Mask {
  const zero = lanes.constant(0);
  return lanes.and(lanes.notEqual(rest, zero), lanes.xor(lanes.less(rest, zero), lanes.less(y, zero)));
}

/** The rest with the sign of x, as C has it. */
export const fmod: (lanes: Lanes, x: Float, y: Float) => Float = exactly("fmod", (_lanes, rest) => rest);

/** The rest with the sign of y, as Python has it. */
export const remainder: (lanes: Lanes, x: Float, y: Float) => Float = exactly("remainder", (lanes, rest, _x, y) =>
  lanes.select(isBeyond(lanes, rest, y), lanes.add(rest, y), rest),
);

/** The quotient rounded down: from the rest, since x / y may have been rounded up to a whole number. */
export const floorDivide: (lanes: Lanes, x: Float, y: Float) => Float = exactly("floorDivide", (lanes, rest, x, y) => {
  const one = lanes.constant(1);
  const above = lanes.div(lanes.sub(x, rest), y);
  const quotient = lanes.select(isBeyond(lanes, rest, y), lanes.sub(above, one), above);
  const whole = lanes.floor(quotient);
  const off = lanes.less(lanes.constant(0.5), lanes.sub(quotient, whole));
  const result = lanes.add(whole, lanes.only(off, one));
  const zero = lanes.copySign(lanes.constant(0), lanes.div(x, y));
  return lanes.select(lanes.equal(quotient, lanes.constant(0)), zero, result);
});
