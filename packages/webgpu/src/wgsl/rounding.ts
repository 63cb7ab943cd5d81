import type { Writer } from "./writer.js";

/*
 * WGSL's quotient may be 2.5 units in the last place off, its square root as much, and a product's rounding error cannot be
 * had from fma, which need not fuse. What is left of a product near a number, x - q y, is small in units of the last places
 * of q and y: its low 32 bits tell it, and integers do not round.
 */

const isNan = "fn is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }";

/** Whether a float is NaN, which compilers may take for granted never to be. */
export const nanTest = (writer: Writer): string => writer.use("is_nan", isNan);

const parts = `fn exponent_of(x: f32) -> i32 { return i32((bitcast<u32>(x) >> 23u) & 0xffu); }
fn mantissa_of(x: f32) -> u32 { return (bitcast<u32>(x) & 0x7fffffu) | 0x800000u; }
fn is_normal(exponent: i32) -> bool { return u32(exponent - 1) < 254u; }`;

const useParts = (writer: Writer): string => writer.use("exponent_of", parts);

// The whole number nearest to an estimate plus rest / unit, or for roots that whose square has this rest.
const nearest = `fn nearest_whole(estimate: u32, rest: i32, unit: i32, square: i32) -> i32 {
  let coarse = i32(round(f32(rest) / f32(unit)));
  let fine = 2 * (rest - coarse * (unit + square * coarse));
  let bound = unit + 2 * square * coarse;
  return i32(estimate) + coarse + select(0, 1, fine > bound) - select(0, 1, fine <= -bound);
}
// The mantissa of x, if it had this exponent.
fn mantissa_at(x: f32, exponent: i32) -> u32 {
  let up = exponent_of(x) - exponent;
  return (mantissa_of(x) << u32(max(up, 0) & 31)) >> u32(max(-up, 0) & 31);
}
fn assembled(sign: f32, exponent: i32, mantissa: i32) -> f32 {
  let size = bitcast<u32>(((exponent - 1) << 23u) + mantissa);
  return bitcast<f32>(size | (bitcast<u32>(sign) & 0x80000000u));
}`;

const nearestQuotient = `fn nearest_quotient(x: f32, y: f32, q: f32) -> f32 {
  let less = select(0, 1, mantissa_of(x) < mantissa_of(y));
  let exponent = exponent_of(x) - exponent_of(y) + 127 - less;
  let estimate = mantissa_at(q, exponent);
  let rest = i32((mantissa_of(x) << u32(23 + less)) - estimate * mantissa_of(y));
  let mantissa = nearest_whole(estimate, rest, i32(mantissa_of(y)), 0);
  let whole = is_normal(exponent_of(x)) & is_normal(exponent_of(y)) & is_normal(exponent_of(q)) & is_normal(exponent);
  return select(q, assembled(q, exponent, mantissa), whole);
}`;

const nearestRoot = `fn nearest_root(x: f32, s: f32) -> f32 {
  let exponent = (exponent_of(x) + 127) >> 1u;
  let estimate = mantissa_at(s, exponent);
  let rest = i32((mantissa_of(x) << u32(24 - (exponent_of(x) & 1))) - estimate * estimate);
  let mantissa = nearest_whole(estimate, rest, 2 * i32(estimate), 1);
  return select(s, assembled(s, exponent, mantissa), is_normal(exponent_of(x)) & is_normal(exponent_of(s)));
}`;

/** The function (x, y, q) that rounds x / y correctly, given q near it. */
export function quotientRounding(writer: Writer): string {
  useParts(writer);
  writer.use("nearest_whole", nearest);
  return writer.use("nearest_quotient", nearestQuotient);
}

/** The function (x, s) that rounds √x correctly, given s near it. */
export function rootRounding(writer: Writer): string {
  useParts(writer);
  writer.use("nearest_whole", nearest);
  return writer.use("nearest_root", nearestRoot);
}

const divide = "fn divide(x: f32, y: f32) -> f32 { return nearest_quotient(x, y, x / y); }";
const root = "fn root(x: f32) -> f32 { return nearest_root(x, sqrt(x)); }";

/** The function that divides, correctly rounded where operands and quotient are normal numbers. */
export function division(writer: Writer): string {
  quotientRounding(writer);
  return writer.use("divide", divide);
}

/** The square root, correctly rounded. */
export function squareRoot(writer: Writer): string {
  rootRounding(writer);
  return writer.use("root", root);
}

const excess = `fn excess(a: f32, b: f32, p: f32) -> f32 {
  let exponent = exponent_of(a) + exponent_of(b);
  let shift = 150 + exponent_of(p) - exponent;
  let rest = i32(mantissa_of(a) * mantissa_of(b) - (mantissa_of(p) << u32(shift & 31)));
  let size = f32(rest) * bitcast<f32>((exponent - 173) << 23u);
  let whole = is_normal(exponent_of(a)) & is_normal(exponent_of(b)) & is_normal(exponent_of(p)) & is_normal(exponent - 173);
  return select(0.0, bitcast<f32>(bitcast<u32>(size) ^ (bitcast<u32>(p) & 0x80000000u)), whole);
}`;

/** The function (a, b, p) that gives a b - p, exactly, for p near a b; 0 where one is no normal number, or a b below 2^-80. */
export function productExcess(writer: Writer): string {
  useParts(writer);
  return writer.use("excess", excess);
}

/** The function that makes a rounded result known for what it is: its bits pass through an integer that is not constant. */
export function keeping(writer: Writer): string {
  const zero = writer.word({ kind: "bits", bits: 0 });
  return writer.use("keep", `fn keep(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) ^ ${zero}); }`);
}
