import type { Float, Int, Lanes, Mask } from "./arithmetic.js";
import { oddSeries } from "./exponential.js";

// asin(x) = x + x³ p(x²) on |x| ≤ 0.5, to 2^-27.
const asinSeries: readonly number[] = [0.04216512, 0.024181498, 0.04546964, 0.07495307, 0.16666752];
// atan(x) = x + x³ p(x²) on |x| ≤ 1, to 2^-28.
const atanSeries: readonly number[] = [
  -0.0017875476, 0.010887361, -0.031127002, 0.057906546, -0.08400475, 0.10951175, -0.14264052, 0.19998531, -0.333333,
];

/** c - x, for a constant that float32 does not hold. */
function from(lanes: Lanes, c: number, x: Float): Float {
  const high = Math.fround(c);
  return lanes.sub(lanes.constant(high), lanes.sub(x, lanes.constant(c - high)));
}

/** head + tail is asin |x| where that is at most ½, else asin √((1 - |x|) / 2), which is half of acos |x|. */
function reducedAsin(lanes: Lanes, size: Float): { head: Float; tail: Float; large: Mask } {
  const half = lanes.constant(0.5);
  const large = lanes.less(half, size);
  const root = lanes.sqrt(lanes.mul(lanes.sub(lanes.constant(1), size), half));
  const head = lanes.select(large, root, size);
  const square = lanes.mul(head, head);
  return { head, tail: lanes.mul(lanes.mul(square, head), lanes.polynomial(asinSeries, square)), large };
}

/** In the outer half π / 2 - acos |x|; its larger part comes off first, and exactly. */
export function asin(lanes: Lanes, x: Float): Float {
  const { head, tail, large } = reducedAsin(lanes, lanes.abs(x));
  const high = Math.fround(Math.PI / 2);
  const rest = lanes.sub(lanes.constant(high), lanes.add(head, head));
  const outer = lanes.sub(rest, lanes.sub(lanes.add(tail, tail), lanes.constant(Math.PI / 2 - high)));
  return lanes.copySign(lanes.select(large, outer, lanes.add(head, tail)), x);
}

export function acos(lanes: Lanes, x: Float): Float {
  const { head, tail, large } = reducedAsin(lanes, lanes.abs(x));
  const value = lanes.add(head, tail);
  const twice = lanes.add(value, value);
  const outer = lanes.select(lanes.less(x, lanes.constant(0)), from(lanes, Math.PI, twice), twice);
  return lanes.select(large, outer, from(lanes, Math.PI / 2, lanes.copySign(value, x)));
}

/** Beyond 1, π / 2 - atan(1 / x). */
export function atan(lanes: Lanes, x: Float): Float {
  const size = lanes.abs(x);
  const one = lanes.constant(1);
  const large = lanes.less(one, size);
  const value = oddSeries(lanes, lanes.select(large, lanes.div(one, size), size), atanSeries);
  return lanes.copySign(lanes.select(large, from(lanes, Math.PI / 2, value), value), x);
}

/** The angle of the point (x, y), between -π and π. */
export function atan2(lanes: Lanes, y: Float, x: Float): Float {
  const [height, width] = [lanes.abs(y), lanes.abs(x)];
  const steep = lanes.less(width, height);
  const [least, most] = [lanes.select(steep, width, height), lanes.select(steep, height, width)];
  // 0 / 0 is 0 here, and Infinity / Infinity is 1. Both compare equal; so does no other pair whose quotient is not 1.
  const even = lanes.only(lanes.less(lanes.constant(0), least), lanes.constant(1));
  const ratio = lanes.select(lanes.equal(least, most), even, lanes.div(least, most));
  const flat = oddSeries(lanes, ratio, atanSeries);
  // From the nearest axis, 0, 1 or 2 right angles away; by x's sign bit, since -0 counts as left.
  const left = lanes.shiftRight(lanes.asInt(x), 31) as number as Mask;
  const turns = lanes.select(steep, lanes.constant(1), lanes.only(left, lanes.constant(2)));
  const back = lanes.xor(steep, left) as number as Int;
  const step = lanes.flipSign(flat, lanes.and(back, lanes.integer(0x80000000)));
  const high = Math.fround(Math.PI / 2);
  const low = lanes.fma(turns, lanes.constant(Math.PI / 2 - high), step);
  const value = lanes.fma(turns, lanes.constant(high), low);
  // NaN, also where it lost a comparison.
  return lanes.copySign(lanes.select(lanes.equal(x, x), value, x), y);
}
