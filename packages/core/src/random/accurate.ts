import { sumError, upperHalf } from "./exact-arithmetic.js";

/**
 * Logarithm, sine and cosine with errors below 0.5001 units in the last place. Math.log, Math.sin and Math.cos differ between
 * engines, and from the C library that PyTorch and NumPy call (7 % of logarithms, 3 % of sines); a result rounded
 * correctly equals the C library's in all but one or two of a thousand.
 *
 * Each takes the nearest entry of a table and a short series for what is left, with the leading terms in two doubles.
 * The tables are computed at first use, in integers: a number x is round(x 2¹²⁸).
 */
const BITS = 128n;
const ONE = 1n << BITS;
const multiply = (a: bigint, b: bigint): bigint => (a * b) >> BITS;

/** Two doubles that add up to value / 2¹²⁸: the first with at most `bits` bits, so that its products with another such are exact. */
function split(value: bigint, bits: number): [high: number, low: number] {
  const drop = BigInt(Math.max(0, (value < 0n ? -value : value).toString(2).length - bits));
  const high = (value >> drop) << drop;
  return [Number(high) * 2 ** -128, Number(value - high) * 2 ** -128];
}

/** ln(a / b) = 2 artanh(z) with z = (a - b) / (a + b): 2 (z + z³/3 + z⁵/5 + …). */
function logOfRatio(a: bigint, b: bigint): bigint {
  const z = ((a - b) * ONE) / (a + b);
  const square = multiply(z, z);
  let sum = 0n;
  let power = z;
  for (let k = 1n; power > 1n || power < -1n; k += 2n) {
    sum += power / k;
    power = multiply(power, square);
  }
  return 2n * sum;
}

interface LogTable {
  readonly ln2: readonly [number, number];
  /** ln(j / 128) at 2j and 2j + 1. */
  readonly logs: Float64Array;
}

let logTable: LogTable | undefined;

function makeLogTable(): LogTable {
  const logs = new Float64Array(2 * 193);
  for (let j = 96; j <= 192; j++) logs.set(split(logOfRatio(BigInt(j), 128n), 53), 2 * j);
  return { ln2: split(logOfRatio(2n, 1n), 40), logs };
}

/** Returns the natural logarithm of x, for normal x in (0, 1]. */
export function log(x: number): number {
  const { ln2, logs } = (logTable ??= makeLogTable());
  let e = 0;
  while (x < 2 ** -31) {
    x *= 2 ** 31;
    e -= 31;
  }
  while (x < 0.75) {
    x *= 2;
    e--;
  }
  // x = c (1 + r) with c = j / 128 and r = q + low: q has 26 bits and c has 8, so what q leaves is exact.
  const j = Math.round(x * 128);
  const c = j * 2 ** -7;
  const d = x - c;
  const q = upperHalf(d / c);
  const low = (d - q * c) / c;
  const r = q + low;
  // log(1 + r) = r - r²/2 + r³ (1/3 - r/4 + …)
  const tail = r * r * r * (1 / 3 + r * (-1 / 4 + r * (1 / 5 + r * (-1 / 6 + r * (1 / 7 + r * (-1 / 8 + r / 9))))));
  const a = e * ln2[0]; // exact
  const b = logs[2 * j]!;
  const ab = a + b;
  const abq = ab + q;
  const square = -0.5 * q * q; // exact
  const sum = abq + square;
  const errors = sumError(a, b, ab) + sumError(ab, q, abq) + sumError(abq, square, sum);
  return sum + (errors + (low - q * low + tail + (e * ln2[1] + logs[2 * j + 1]!)));
}

interface SineTable {
  /** π / 128 in three parts, the first two short enough for exact products with k. */
  readonly step: readonly [number, number, number];
  /** sin(kπ / 128) and cos(kπ / 128) for a whole turn, in two numbers each. */
  readonly values: Float64Array;
}

let sineTable: SineTable | undefined;

/** arctan(1 / n) = 1/n - 1/(3n³) + 1/(5n⁵) - … */
function arctanOfReciprocal(n: bigint): bigint {
  let sum = 0n;
  for (let k = 0n, power = ONE / n; power !== 0n; k++, power /= n * n) {
    sum += ((k & 1n) === 0n ? power : -power) / (2n * k + 1n);
  }
  return sum;
}

/** The whole table by the addition theorem from the first sine and cosine, which Taylor's series give. */
function makeSineTable(): SineTable {
  const step = (16n * arctanOfReciprocal(5n) - 4n * arctanOfReciprocal(239n)) / 128n; // Machin's π
  let [sin1, cos1] = [0n, 0n];
  for (let k = 0n, term = ONE; term !== 0n; term = multiply(term, step) / ++k) {
    const signed = (k & 2n) === 0n ? term : -term;
    if ((k & 1n) === 0n) cos1 += signed;
    else sin1 += signed;
  }
  const values = new Float64Array(4 * 257);
  for (let k = 0, sin = 0n, cos = ONE; k <= 256; k++) {
    values.set(split(sin, 26), 4 * k);
    values.set(split(cos, 26), 4 * k + 2);
    [sin, cos] = [multiply(sin, cos1) + multiply(cos, sin1), multiply(cos, cos1) - multiply(sin, sin1)];
  }
  const [first] = split(step, 45);
  const rest = step - BigInt(first * 2 ** 128);
  return { step: [first, ...split(rest, 45)], values };
}

/** Returns the sine of x, for x in [0, 2π]. */
export function sin(x: number): number {
  const { step, values } = (sineTable ??= makeSineTable());
  const k = Math.round(x * (128 / Math.PI));
  const at = 4 * k;
  return rotate(
    values[at]!,
    values[at + 1]!,
    values[at + 2]!,
    values[at + 3]!,
    x - k * step[0],
    k * step[1],
    k * step[2],
  );
}

/** Returns the cosine of x, for x in [0, 2π]. */
export function cos(x: number): number {
  const { step, values } = (sineTable ??= makeSineTable());
  const k = Math.round(x * (128 / Math.PI));
  const at = 4 * k;
  return rotate(
    values[at + 2]!,
    values[at + 3]!,
    -values[at]!,
    -values[at + 1]!,
    x - k * step[0],
    k * step[1],
    k * step[2],
  );
}

/** s cos r + c sin r for r = a - b - d, |r| ≤ π/256; a and b are exact. s and c are in two numbers, the first of 26 bits. */
function rotate(sHigh: number, sLow: number, cHigh: number, cLow: number, a: number, b: number, d: number): number {
  const r = a - b;
  const rLow = sumError(a, -b, r) - d;
  const square = r * r;
  const cosine = square * (-1 / 2 + square * (1 / 24 + square * (-1 / 720 + square / 40320))); // cos r - 1
  const sine = r * square * (-1 / 6 + square * (1 / 120 + square * (-1 / 5040 + square / 362880))); // sin r - r
  const rHigh = upperHalf(r);
  const product = cHigh * rHigh; // exact
  const sum = sHigh + product;
  const rest = cHigh * (r - rHigh + rLow) + cLow * r + sLow;
  return sum + (sumError(sHigh, product, sum) + (rest + ((sHigh + sLow) * cosine + (cHigh + cLow) * sine)));
}
