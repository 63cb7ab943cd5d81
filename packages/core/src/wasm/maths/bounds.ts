import type { UnaryName } from "../../program/vocabulary.js";

type Exact =
  | "copy"
  | "cast"
  | "neg"
  | "abs"
  | "sign"
  | "sqrt"
  | "reciprocal"
  | "floor"
  | "ceil"
  | "round"
  | "trunc"
  | "half"
  | "logicalNot";

/**
 * How far the float32 functions are at most from the correctly rounded result, in units in the last place (1: one of its
 * two neighbours), in any flavour of code. Measured on every 127th float32 and on all of those between 0.1 and 8 at
 * least; the two-argument functions on 40 million pairs. Instructions (add, sqrt, floor, …) are exact.
 */
export const maxUlps: Readonly<Record<Exclude<UnaryName, Exact> | "pow" | "atan2", number>> = {
  exp: 1,
  expm1: 2,
  log: 1,
  log2: 1,
  log10: 1,
  log1p: 1,
  sin: 2,
  cos: 2,
  tan: 1,
  asin: 2,
  acos: 1,
  atan: 2,
  sinh: 2,
  cosh: 2,
  tanh: 1,
  asinh: 2,
  acosh: 2,
  atanh: 1,
  erf: 1,
  erfc: 2,
  pow: 1,
  atan2: 2,
};
