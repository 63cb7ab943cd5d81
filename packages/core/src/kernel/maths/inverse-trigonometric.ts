import type { Float, FloatCode, Mask } from "./float-code.js";
import { oddSeries } from "./exponential.js";

// asin(x) = x + x³ p(x²) on |x| ≤ 0.5, to 2^-27.
const asinSeries: readonly number[] = [0.04216512, 0.024181498, 0.04546964, 0.07495307, 0.16666752];
// atan(x) = x + x³ p(x²) on |x| ≤ 1, to 2^-28.
const atanSeries: readonly number[] = [
  -0.0017875476, 0.010887361, -0.031127002, 0.057906546, -0.08400475, 0.10951175, -0.14264052, 0.19998531, -0.333333,
];

/** c - x, for a constant that float32 does not hold. */
function from(code: FloatCode, c: number, x: Float): Float {
  const high = Math.fround(c);
  return code.sub(code.constant(high), code.keep(code.sub(x, code.constant(c - high))));
}

/** head + tail is asin |x| where that is at most ½, else asin √((1 - |x|) / 2), which is half of acos |x|. */
function reducedAsin(code: FloatCode, size: Float): { head: Float; tail: Float; large: Mask } {
  const half = code.constant(0.5);
  const large = code.less(half, size);
  const root = code.sqrt(code.mul(code.sub(code.constant(1), size), half));
  const head = code.select(large, root, size);
  const square = code.mul(head, head);
  return { head, tail: code.mul(code.mul(square, head), code.polynomial(asinSeries, square)), large };
}

/** In the outer half π / 2 - acos |x|; its larger part comes off first, and exactly. */
export function asin(code: FloatCode, x: Float): Float {
  const { head, tail, large } = reducedAsin(code, code.abs(x));
  const high = Math.fround(Math.PI / 2);
  const rest = code.sub(code.constant(high), code.add(head, head));
  const outer = code.sub(rest, code.keep(code.sub(code.add(tail, tail), code.constant(Math.PI / 2 - high))));
  return code.copySign(code.select(large, outer, code.add(head, tail)), x);
}

export function acos(code: FloatCode, x: Float): Float {
  const { head, tail, large } = reducedAsin(code, code.abs(x));
  const value = code.add(head, tail);
  const twice = code.add(value, value);
  const outer = code.select(code.less(x, code.constant(0)), from(code, Math.PI, twice), twice);
  return code.select(large, outer, from(code, Math.PI / 2, code.copySign(value, x)));
}

/** Beyond 1, π / 2 - atan(1 / x). */
export function atan(code: FloatCode, x: Float): Float {
  const size = code.abs(x);
  const one = code.constant(1);
  const large = code.less(one, size);
  const value = oddSeries(code, code.select(large, code.div(one, size), size), atanSeries);
  return code.copySign(code.select(large, from(code, Math.PI / 2, value), value), x);
}

/** The angle of the point (x, y), between -π and π. */
export function atan2(code: FloatCode, y: Float, x: Float): Float {
  const [height, width] = [code.abs(y), code.abs(x)];
  const steep = code.less(width, height);
  const [least, most] = [code.select(steep, width, height), code.select(steep, height, width)];
  // 0 / 0 is 0 here, and Infinity / Infinity is 1. Both compare equal; so does no other pair whose quotient is not 1.
  const even = code.only(code.less(code.constant(0), least), code.constant(1));
  const ratio = code.select(code.equal(least, most), even, code.div(least, most));
  const flat = oddSeries(code, ratio, atanSeries);
  // From the nearest axis, 0, 1 or 2 right angles away; by x's sign bit, since -0 counts as left.
  const left = code.isNegative(x);
  const turns = code.select(steep, code.constant(1), code.only(left, code.constant(2)));
  const step = code.negateWhere(code.xor(steep, left), flat);
  const high = Math.fround(Math.PI / 2);
  const low = code.fma(turns, code.constant(Math.PI / 2 - high), step);
  const value = code.fma(turns, code.constant(high), low);
  // NaN, also where it lost a comparison.
  return code.copySign(code.select(code.equal(x, x), value, x), y);
}
