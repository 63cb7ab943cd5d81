import type { BinaryName, UnaryName } from "../../program/vocabulary.js";
import type { Float, Lanes } from "./arithmetic.js";
import { erf, erfc } from "./error-functions.js";
import { cosh, exp, expm1, sinh, tanh } from "./exponential.js";
import { acos, asin, atan, atan2 } from "./inverse-trigonometric.js";
import { acosh, asinh, atanh, log, log10, log1p, log2 } from "./logarithm.js";
import { pow } from "./power.js";
import { floorDivide, fmod, remainder } from "./remainder.js";
import { cos, sin, tan } from "./trigonometric.js";

type OfOne = (lanes: Lanes, x: Float) => Float;
type OfTwo = (lanes: Lanes, x: Float, y: Float) => Float;

/** 1, -1, or 0 for zeros and NaN. */
function sign(lanes: Lanes, x: Float): Float {
  const zero = lanes.constant(0);
  const negative = lanes.only(lanes.less(x, zero), lanes.constant(-1));
  return lanes.select(lanes.less(zero, x), lanes.constant(1), negative);
}

const unary: Partial<Record<UnaryName, OfOne>> = {
  copy: (_lanes, x) => x,
  neg: (lanes, x) => lanes.neg(x),
  abs: (lanes, x) => lanes.abs(x),
  sign,
  exp,
  expm1,
  log,
  log2,
  log10,
  log1p,
  sqrt: (lanes, x) => lanes.sqrt(x),
  reciprocal: (lanes, x) => lanes.div(lanes.constant(1), x),
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
  floor: (lanes, x) => lanes.floor(x),
  ceil: (lanes, x) => lanes.ceil(x),
  round: (lanes, x) => lanes.nearest(x),
  trunc: (lanes, x) => lanes.trunc(x),
};

const binary: Partial<Record<BinaryName, OfTwo>> = {
  add: (lanes, x, y) => lanes.add(x, y),
  sub: (lanes, x, y) => lanes.sub(x, y),
  mul: (lanes, x, y) => lanes.mul(x, y),
  div: (lanes, x, y) => lanes.div(x, y),
  maximum: (lanes, x, y) => lanes.max(x, y),
  minimum: (lanes, x, y) => lanes.min(x, y),
  pow,
  atan2,
  fmod,
  remainder,
  floorDivide,
};

const hosted: ReadonlySet<string> = new Set(["sin", "cos", "tan", "fmod", "remainder", "floorDivide"]);

/** Whether there is a function of float32 lanes that calls nobody but Math. */
export const hasVectors = (name: UnaryName | BinaryName): boolean =>
  name in unary || (name in binary && !hosted.has(name));

/** Whether a function calls the host's in rare lanes, which `Lanes` must be able to import. */
export const callsHost = (name: UnaryName | BinaryName): boolean => hosted.has(name);

/** Writes a function of float32 lanes; null where there is none, and the caller calls JavaScript's Math per lane. */
export function emitUnary(lanes: Lanes, name: UnaryName, x: Float): Float | null {
  const write = unary[name];
  return write === undefined ? null : lanes.scope(() => write(lanes, x));
}

/** The same for two arguments. */
export function emitBinary(lanes: Lanes, name: BinaryName, x: Float, y: Float): Float | null {
  const write = binary[name];
  return write === undefined ? null : lanes.scope(() => write(lanes, x, y));
}
