import type { BinaryName, UnaryName } from "../../program/vocabulary.js";
import type { Float, Lanes } from "./arithmetic.js";
import { exp } from "./exponential.js";
import { log } from "./logarithm.js";

type OfOne = (lanes: Lanes, x: Float) => Float;
type OfTwo = (lanes: Lanes, x: Float, y: Float) => Float;

const unary: Partial<Record<UnaryName, OfOne>> = {
  neg: (lanes, x) => lanes.neg(x),
  abs: (lanes, x) => lanes.abs(x),
  exp,
  log,
};

const binary: Partial<Record<BinaryName, OfTwo>> = {
  add: (lanes, x, y) => lanes.add(x, y),
};

/** Names of Math that a function calls in rare lanes, as `Lanes` must be able to import them. */
export function mathImports(name: UnaryName | BinaryName): readonly string[] {
  return name === "sin" || name === "cos" || name === "tan" ? [name] : [];
}

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
