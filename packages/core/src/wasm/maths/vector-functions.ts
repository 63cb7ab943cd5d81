import { floatBinary, floatUnary, type OfOneFloat, type OfTwoFloats } from "../../kernel/maths/functions.js";
import type { BinaryName, UnaryName } from "../../program/vocabulary.js";
import type { Float, Lanes, Mask } from "./arithmetic.js";
import { isFar } from "./quarters.js";
import { isLargeQuotient } from "./rest.js";

const unary: Partial<Record<UnaryName, OfOneFloat>> = floatUnary;
const binary: Partial<Record<BinaryName, OfTwoFloats>> = floatBinary;

/** Lanes that hardly ever occur, which are the host's. */
const beyond: Partial<Record<UnaryName | BinaryName, (lanes: Lanes, x: Float, y: Float) => Mask>> = {
  sin: isFar,
  cos: isFar,
  tan: isFar,
  fmod: isLargeQuotient,
  remainder: isLargeQuotient,
  floorDivide: isLargeQuotient,
};

/** Whether there is a function of float32 lanes that calls nobody but Math. */
export const hasVectors = (name: UnaryName | BinaryName): boolean =>
  name in unary || (name in binary && !callsHost(name));

/** Whether a function calls the host's in rare lanes, which `Lanes` must be able to import. */
export const callsHost = (name: UnaryName | BinaryName): boolean => name in beyond;

/** Writes a function of float32 lanes; null where there is none, and the caller calls JavaScript's Math per lane. */
export function emitUnary(lanes: Lanes, name: UnaryName, x: Float): Float | null {
  const write = unary[name];
  return write === undefined ? null : lanes.scope(() => orHost(lanes, name, write(lanes, x), x));
}

/** The same for two arguments. */
export function emitBinary(lanes: Lanes, name: BinaryName, x: Float, y: Float): Float | null {
  const write = binary[name];
  return write === undefined ? null : lanes.scope(() => orHost(lanes, name, write(lanes, x, y), x, y));
}

function orHost(lanes: Lanes, name: UnaryName | BinaryName, value: Float, ...of: readonly Float[]): Float {
  const isBeyond = beyond[name];
  return isBeyond === undefined ? value : lanes.rare(isBeyond(lanes, of[0]!, of.at(-1)!), name, value, ...of);
}
