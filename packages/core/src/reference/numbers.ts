import { type DType, isFloat } from "../dtype.js";
import { ValueError } from "../errors.js";
import { toHalf } from "../half.js";
import type { BinaryName, UnaryName } from "../program/vocabulary.js";
import { erf, erfc } from "./error-function.js";

/** What an op does to numbers. Results are rounded to the dtype, or wrap around in it, when they are stored. */
export type OfOne = (x: number) => number;
export type OfTwo = (x: number, y: number) => number;

/** To the nearest whole number, halves to the even one: past 2^52 a double has no digits after the point. */
function nearest(x: number): number {
  const size = Math.abs(x);
  if (!(size < 2 ** 52) || x === 0) return x;
  const whole = size + 2 ** 52 - 2 ** 52;
  return x < 0 ? -whole : whole;
}

export const unary: Record<Exclude<UnaryName, "cast">, OfOne> = {
  copy: (x) => x,
  neg: (x) => -x,
  abs: Math.abs,
  // 0 for NaN, as PyTorch has it.
  sign: (x) => (x > 0 ? 1 : x < 0 ? -1 : 0),
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log2: Math.log2,
  log10: Math.log10,
  log1p: Math.log1p,
  sqrt: Math.sqrt,
  reciprocal: (x) => 1 / x,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
  erf,
  erfc,
  floor: Math.floor,
  ceil: Math.ceil,
  round: nearest,
  trunc: Math.trunc,
  half: toHalf,
  logicalNot: (x) => (x === 0 ? 1 : 0),
};

/** The remainder with the sign of the divisor, as in Python. */
function remainder(x: number, y: number): number {
  const rest = x % y;
  return rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest;
}

const isNegative = (x: number): boolean => x < 0 || Object.is(x, -0);

/**
 * The quotient rounded down, as in Python: from the exact remainder, since x / y may have been rounded up to a whole
 * number (1 / 0.1 is 10, but 0.1 goes into 1 only 9 times). `round` gives each step the dtype's precision.
 */
const floorDivide =
  (round: OfOne): OfTwo =>
  (x, y) => {
    if (y === 0) return x / y;
    const rest = x % y;
    let quotient = round(round(x - rest) / y);
    if (rest !== 0 && rest < 0 !== y < 0) quotient = round(quotient - 1);
    if (quotient === 0) return isNegative(x / y) ? -0 : 0;
    const whole = Math.floor(quotient);
    return quotient - whole > 0.5 ? whole + 1 : whole;
  };

const float64: Record<BinaryName, OfTwo> = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  floorDivide: floorDivide((x) => x),
  remainder,
  fmod: (x, y) => x % y,
  // C's pow where JavaScript's ** gives NaN: 1 to anything, and -1 to an infinity, is 1.
  pow: (x, y) => (x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y),
  // Math.max and Math.min return NaN for NaN, as PyTorch does.
  maximum: Math.max,
  minimum: Math.min,
  atan2: Math.atan2,
  eq: (x, y) => (x === y ? 1 : 0),
  ne: (x, y) => (x !== y ? 1 : 0),
  lt: (x, y) => (x < y ? 1 : 0),
  le: (x, y) => (x <= y ? 1 : 0),
  and: (x, y) => (x !== 0 && y !== 0 ? 1 : 0),
  or: (x, y) => (x !== 0 || y !== 0 ? 1 : 0),
  xor: (x, y) => ((x !== 0) !== (y !== 0) ? 1 : 0),
};

const float32: Record<BinaryName, OfTwo> = { ...float64, floorDivide: floorDivide(Math.fround) };

/** What is wrong with an integer division of `x` by 0. */
export const dividedByZero = (name: string, x: number): ValueError =>
  new ValueError(`${name}: integer division of ${x} by 0`, 'convert to float for Infinity or NaN: x.to("float32")');

/** Refuses a divisor of 0, which integers have no answer for. */
const nonzero =
  (name: string, divide: OfTwo): OfTwo =>
  (x, y) => {
    if (y === 0) throw dividedByZero(name, x);
    return divide(x, y);
  };

/** Powers by squaring, wrapping as int32 does; negative ones are 0 but for 1 and -1, as in PyTorch. */
function integerPower(x: number, y: number): number {
  if (y < 0) return x === 1 ? 1 : x === -1 ? (y % 2 === 0 ? 1 : -1) : 0;
  let power = 1;
  for (let square = x; y > 0; y = Math.floor(y / 2), square = Math.imul(square, square)) {
    if (y % 2 === 1) power = Math.imul(power, square);
  }
  return power;
}

// Sums, differences and quotients of int32 are exact in doubles, and wrap when they are stored; products need imul.
const integers: Record<BinaryName, OfTwo> = {
  ...float64,
  mul: Math.imul,
  floorDivide: nonzero("floorDivide", (x, y) => Math.floor(x / y)),
  remainder: nonzero("remainder", remainder),
  fmod: nonzero("fmod", (x, y) => x % y),
  pow: integerPower,
};

const bools: Record<BinaryName, OfTwo> = { ...float64, add: float64.or, mul: float64.and };

const tables: Record<DType, Record<BinaryName, OfTwo>> = {
  float16: float32,
  float32,
  float64,
  int32: integers,
  uint8: integers,
  bool: bools,
};

/** What a binary op does to numbers of a dtype. */
export const binary = (name: BinaryName, dtype: DType): OfTwo => tables[dtype][name];

export const binaryNames: readonly BinaryName[] = Object.keys(float64) as BinaryName[];

/**
 * Conversion between dtypes. Floats are cut towards zero. Beyond int32's range they become its nearest end, and NaN 0,
 * as on PyTorch's GPUs (its CPU leaves it undefined); uint8 takes the last 8 bits.
 */
export function conversion(from: DType, to: DType): OfOne {
  if (to === "bool") return (x) => (x !== 0 ? 1 : 0);
  if (!isFloat(from) || isFloat(to)) return (x) => x;
  if (to === "uint8") return Math.trunc;
  return (x) => (x > 2147483647 ? 2147483647 : x < -2147483648 ? -2147483648 : Math.trunc(x));
}
