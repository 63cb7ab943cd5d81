import type { Float, Int, Lanes, Mask } from "./arithmetic.js";
import { type Double, DoubleLanes } from "./double-lanes.js";

// sin(r) = r + r³ p(r²) on |r| ≤ π / 4, to 2^-28.
const sinSeries: readonly number[] = [-0.00019518286, 0.008332189, -0.16666655];
// cos(r) = 1 - r² / 2 + r⁴ p(r²) there, to 2^-33.
const cosSeries: readonly number[] = [2.4432564e-5, -0.0013887311, 0.041666646];
// tan(r) = r + r³ p(r²) there, in doubles, to 2^-29.
const tanSeries: readonly number[] = [
  0.004377362436126288, 8.737980020861614e-5, 0.010837474814867968, 0.02128156184854356, 0.054060034536211894,
  0.13332662323133437, 0.3333334978370096,
];

// π / 2 in two parts: the first has 25 digits, so that its products with n < 2^28 are exact.
const halfPiHigh = 1.5707963109016418;
const halfPiLow = 1.5893254773528196e-8;
// Adding 1.5 · 2^52 to a double rounds to a whole number, which its low bits then hold.
const rounding = 6755399441055744;
// Beyond this JavaScript's Math reduces by π / 2: rare, as neighbouring float32 are 32 apart there.
const limit = 2 ** 28;

/** |x| = n π / 2 + r: `quadrant` ends in n. */
interface Reduced {
  readonly r: Double;
  readonly quadrant: Int;
  readonly beyond: Mask;
}

function reduce(lanes: Lanes, doubles: DoubleLanes, size: Float): Reduced {
  const x = doubles.from(size);
  const shifted = doubles.fma(x, doubles.constant(2 / Math.PI), doubles.constant(rounding));
  const n = doubles.sub(shifted, doubles.constant(rounding));
  const near = doubles.fma(n, doubles.constant(-halfPiHigh), x);
  return {
    r: doubles.fma(n, doubles.constant(-halfPiLow), near),
    quadrant: doubles.lowBits(shifted),
    beyond: lanes.lessOrEqual(lanes.constant(limit), size),
  };
}

/** All bits set where this bit of an integer is. */
function hasBit(lanes: Lanes, x: Int, bit: number): Mask {
  return lanes.shiftRight(lanes.shiftLeft(x, 31 - bit), 31) as number as Mask;
}

/** sin(n π / 2 + r), for any n. */
function sinOf(lanes: Lanes, r: Float, n: Int): Float {
  const square = lanes.mul(r, r);
  const sin = lanes.fma(lanes.mul(square, r), lanes.polynomial(sinSeries, square), r);
  const tail = lanes.mul(lanes.polynomial(cosSeries, square), lanes.mul(square, square));
  const cos = lanes.add(lanes.fnma(lanes.constant(0.5), square, lanes.constant(1)), tail);
  const value = lanes.select(hasBit(lanes, n, 0), cos, sin);
  return lanes.flipSign(value, lanes.and(lanes.shiftLeft(n, 30), lanes.integer(0x80000000)));
}

export function sin(lanes: Lanes, x: Float): Float {
  const doubles = new DoubleLanes(lanes);
  const { r, quadrant, beyond } = reduce(lanes, doubles, lanes.abs(x));
  const value = lanes.flipSign(sinOf(lanes, doubles.toFloat(r), quadrant), lanes.signOf(x));
  return lanes.rare(beyond, "sin", value, x);
}

export function cos(lanes: Lanes, x: Float): Float {
  const doubles = new DoubleLanes(lanes);
  const { r, quadrant, beyond } = reduce(lanes, doubles, lanes.abs(x));
  const value = sinOf(lanes, doubles.toFloat(r), lanes.intAdd(quadrant, lanes.integer(1)));
  return lanes.rare(beyond, "cos", value, x);
}

/** tan r, and -1 / tan r in odd quadrants; in doubles, since errors of r, the polynomial and the quotient add up. */
export function tan(lanes: Lanes, x: Float): Float {
  const doubles = new DoubleLanes(lanes);
  const { r, quadrant, beyond } = reduce(lanes, doubles, lanes.abs(x));
  const square = doubles.mul(r, r);
  const tangent = doubles.fma(doubles.mul(square, r), doubles.polynomial(tanSeries, square), r);
  const even = doubles.toFloat(tangent);
  const odd = doubles.toFloat(doubles.div(doubles.constant(-1), tangent));
  const value = lanes.select(hasBit(lanes, quadrant, 0), odd, even);
  return lanes.rare(beyond, "tan", lanes.flipSign(value, lanes.signOf(x)), x);
}
