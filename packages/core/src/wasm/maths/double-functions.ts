import type { UnaryName } from "../../program/vocabulary.js";
import type { Doubles } from "../loops/doubles.js";

// Functions of float64 lanes, each within 2 units in the last place of the correctly rounded result (exp, log and log1p
// within 1). They use no fused multiply-add, so that a value has the same bits in every flavour of code.
// Their series are Taylor's: in the short ranges that arguments are brought to, the first term left out is below 2^-58.

/** Calls the host's function of the same name, for lanes that hardly ever occur. */
type InHost = (x: number) => number;
type OfDouble = (doubles: Doubles, x: number, inHost: InHost) => number;

const inverseFactorials: readonly number[] = Array.from({ length: 18 }).reduce<number[]>(
  (all, _, n) => [...all, n === 0 ? 1 : all[n - 1]! / n],
  [],
);

/** Adding it makes of a whole number n the bits of one that ends in n's. */
const magic = 1.5 * 2 ** 52;
// ln 2 in two parts, the first of 33 bits: its products with exponents are exact.
const ln2High = 0.6931471806019545;
const ln2Low = -4.2009150726810846e-11;

/** eˣ = 2ⁿ (1 + p): n, and p of |x - n ln 2| ≤ ln 2 / 2. */
function powerParts(on: Doubles, x: number): { n: number; p: number } {
  const n = on.op("nearest", on.op("mul", x, on.constant(Math.LOG2E)));
  const high = on.op("sub", x, on.op("mul", n, on.constant(ln2High)));
  const r = on.op("sub", high, on.op("mul", n, on.constant(ln2Low)));
  const series = on.polynomial(inverseFactorials.slice(2, 14).reverse(), r);
  return { n, p: on.op("add", r, on.op("mul", on.op("mul", r, r), series)) };
}

/** 2ⁿ for a whole n from -1022 to 1023, in the place of the exponent. */
const powerOfTwo = (on: Doubles, n: number): number => on.shift("shl", on.op("add", n, on.constant(magic + 1023)), 52);

/** x · 2ⁿ in two steps, as 2ⁿ itself may be out of range. */
function scaled(on: Doubles, x: number, n: number): number {
  const half = on.op("floor", on.op("mul", n, on.constant(0.5)));
  const rest = on.op("sub", n, half);
  return on.op("mul", on.op("mul", x, powerOfTwo(on, half)), powerOfTwo(on, rest));
}

const exp: OfDouble = (on, x) => {
  const { n, p } = powerParts(on, on.clamp(x, -746, 710));
  return scaled(on, on.op("add", p, on.constant(1)), n);
};

/** x itself where it is next to 0, also -0. */
const unlessTiny = (on: Doubles, x: number, value: number): number =>
  on.select(on.compare("lt", on.op("abs", x), on.constant(2 ** -54)), x, value);

/** 2ⁿ p + (2ⁿ - 1) */
const expm1: OfDouble = (on, x) => {
  const { n, p } = powerParts(on, on.clamp(x, -40, 710));
  // At n = 1024 by way of halves: the sum is in range where 2ⁿ is not.
  const power = powerOfTwo(on, on.op("sub", n, on.constant(1)));
  const sum = on.op("add", on.op("mul", power, p), on.op("sub", power, on.constant(0.5)));
  const value = on.select(on.compare("eq", n, on.constant(0)), p, on.op("add", sum, sum));
  return unlessTiny(on, x, value);
};

/** t / (t + 2) with t = e^2|x| - 1 */
const tanh: OfDouble = (on, x, inHost) => {
  const t = expm1(on, on.clamp(on.op("abs", on.op("add", x, x)), 0, 44), inHost);
  return on.copySign(on.op("div", t, on.op("add", t, on.constant(2))), x);
};

// log(1 + f) = f - f²/2 + s (f²/2 + z p(z)) with s = f / (2 + f), z = s².
const logSeries: readonly number[] = Array.from({ length: 10 }, (_, k) => 2 / (2 * k + 3));

/** log x for a finite x > 0, plus `correction`. */
function logOfPositive(on: Doubles, x: number, correction: number | null): number {
  const isSmall = on.compare("lt", x, on.constant(2 ** -1022));
  const normal = on.select(isSmall, on.op("mul", x, on.constant(2 ** 54)), x);
  // x = m 2ⁿ with √½ ≤ m < √2
  const exponent = on.shift("shr_s", on.bits("sub", normal, on.constant(Math.SQRT1_2)), 52);
  const m = on.bits("sub", normal, on.shift("shl", exponent, 52));
  const whole = on.op("sub", on.bits("add", exponent, on.constant(magic)), on.constant(magic));
  const n = on.select(isSmall, on.op("sub", whole, on.constant(54)), whole);
  const f = on.op("sub", m, on.constant(1));
  const halfSquare = on.op("mul", on.op("mul", f, f), on.constant(0.5));
  const s = on.op("div", f, on.op("add", f, on.constant(2)));
  const z = on.op("mul", s, s);
  const series = on.op("mul", z, on.polynomial(logSeries.toReversed(), z));
  let low = on.op("add", on.op("mul", s, on.op("add", halfSquare, series)), on.op("mul", n, on.constant(ln2Low)));
  if (correction !== null) low = on.op("add", low, correction);
  const rest = on.op("sub", on.op("sub", halfSquare, low), f);
  return on.op("sub", on.op("mul", n, on.constant(ln2High)), rest);
}

/** The value, but for arguments that are not positive and finite. */
function logBounds(on: Doubles, x: number, value: number): number {
  const atInfinity = on.select(on.compare("lt", x, on.constant(Infinity)), value, x);
  const atZero = on.select(on.compare("eq", x, on.constant(0)), on.constant(-Infinity), atInfinity);
  return on.select(on.compare("lt", x, on.constant(0)), on.constant(NaN), atZero);
}

const log: OfDouble = (on, x) => logBounds(on, x, logOfPositive(on, x, null));

/** log u + c / u, with u + c = 1 + x. */
const log1p: OfDouble = (on, x) => {
  const one = on.constant(1);
  const u = on.op("add", x, one);
  const ofLarge = on.op("sub", one, on.op("sub", u, x));
  const ofSmall = on.op("sub", x, on.op("sub", u, one));
  const c = on.select(on.compare("lt", x, one), ofSmall, ofLarge);
  return unlessTiny(on, x, logBounds(on, u, logOfPositive(on, u, on.op("div", c, u))));
};

// π/2 in three parts, the first two of 33 bits.
const halfPi: readonly number[] = [1.5707963267341256, 6.077100506303966e-11, 2.0222662487959506e-21];
/** From here on the host reduces arguments: multiples of the parts would not be exact. */
const beyond = 2 ** 20;

const sineSeries = [17, 15, 13, 11, 9, 7, 5, 3].map((n, k) => (k % 2 === 0 ? 1 : -1) * inverseFactorials[n]!);
const cosineSeries = [16, 14, 12, 10, 8, 6, 4].map((n, k) => (k % 2 === 0 ? 1 : -1) * inverseFactorials[n]!);

/** sin(x + shift π/2) */
const sine =
  (shift: 0 | 1): OfDouble =>
  (on, x, inHost) => {
    const n = on.op("nearest", on.op("mul", x, on.constant(2 / Math.PI)));
    let r = x;
    for (const part of halfPi) r = on.op("sub", r, on.op("mul", n, on.constant(part)));
    const z = on.op("mul", r, r);
    const sin = on.op("add", r, on.op("mul", on.op("mul", r, z), on.polynomial(sineSeries, z)));
    // What 1 - z / 2 loses is added again.
    const one = on.constant(1);
    const half = on.op("mul", z, on.constant(0.5));
    const first = on.op("sub", one, half);
    const lost = on.op("sub", on.op("sub", one, first), half);
    const cos = on.op(
      "add",
      first,
      on.op("add", lost, on.op("mul", on.op("mul", z, z), on.polynomial(cosineSeries, z))),
    );
    const quarter = on.op("add", n, on.constant(magic + shift));
    const near = shift === 0 ? unlessTiny(on, x, sin) : sin;
    const value = on.select(on.signMask(on.shift("shl", quarter, 63)), cos, near);
    const sign = on.bits("and", on.shift("shl", quarter, 62), on.constant(-0));
    const signed = on.bits("xor", value, sign);
    return on.usually(on.compare("lt", on.op("abs", x), on.constant(beyond)), signed, () => inHost(x));
  };

/** The functions that are not left to JavaScript's Math. */
export const doubleFunctions: Readonly<Partial<Record<UnaryName, OfDouble>>> = {
  exp,
  expm1,
  tanh,
  log,
  log1p,
  sin: sine(0),
  cos: sine(1),
};
