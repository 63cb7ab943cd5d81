import type { BinaryName, UnaryName } from "../../program/vocabulary.js";
import { erf, erfc } from "./error-functions.js";
import { cosh, exp, expm1, sinh, tanh } from "./exponential.js";
import type { Float, FloatCode } from "./float-code.js";
import { half } from "./half.js";
import { acos, asin, atan, atan2 } from "./inverse-trigonometric.js";
import { acosh, asinh, atanh, log, log10, log1p, log2 } from "./logarithm.js";
import { pow } from "./power.js";
import { floorDivide, remainder } from "./remainder.js";
import { cos, sin, tan } from "./trigonometric.js";

export type OfOneFloat = (code: FloatCode, x: Float) => Float;
export type OfTwoFloats = (code: FloatCode, x: Float, y: Float) => Float;

/** 1, -1, or 0 for zeros and NaN. */
function sign(code: FloatCode, x: Float): Float {
  const zero = code.constant(0);
  const negative = code.only(code.less(x, zero), code.constant(-1));
  return code.select(code.less(zero, x), code.constant(1), negative);
}

/** The float32 functions of one number. */
export const floatUnary: Record<Exclude<UnaryName, "cast" | "logicalNot">, OfOneFloat> = {
  copy: (_code, x) => x,
  neg: (code, x) => code.neg(x),
  abs: (code, x) => code.abs(x),
  sign,
  exp,
  expm1,
  log,
  log2,
  log10,
  log1p,
  sqrt: (code, x) => code.sqrt(x),
  reciprocal: (code, x) => code.div(code.constant(1), x),
  sin,
  cos,
  tan,
  asin,
  acos,
  atan,
  sinh,
  cosh,
  tanh,
  asinh,
  acosh,
  atanh,
  erf,
  erfc,
  floor: (code, x) => code.floor(x),
  ceil: (code, x) => code.ceil(x),
  round: (code, x) => code.nearest(x),
  trunc: (code, x) => code.trunc(x),
  half,
};

/** Those of two numbers; comparisons give no float32. */
export const floatBinary: Record<Exclude<BinaryName, "eq" | "ne" | "lt" | "le" | "and" | "or" | "xor">, OfTwoFloats> = {
  add: (code, x, y) => code.add(x, y),
  sub: (code, x, y) => code.sub(x, y),
  mul: (code, x, y) => code.mul(x, y),
  div: (code, x, y) => code.div(x, y),
  maximum: (code, x, y) => code.max(x, y),
  minimum: (code, x, y) => code.min(x, y),
  pow,
  atan2,
  fmod: (code, x, y) => code.rest(x, y),
  remainder,
  floorDivide,
};
