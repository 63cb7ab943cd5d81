import { type MemoryLimits, ModuleBuilder, type ValueType } from "../assembler.js";
import type { Features } from "./features.js";
import { lanesOf, type MatrixType } from "./lanes.js";
import { defineMatmul, matmulParams } from "./matmul.js";

const matrixTypes: readonly MatrixType[] = ["float32", "float64", "int32", "uint8"];

/** The routines that Programs import, by name, with their parameters. None returns anything. */
export const routines: Readonly<Record<string, readonly ValueType[]>> = Object.fromEntries(
  matrixTypes.map((dtype) => [`matmul_${dtype}`, matmulParams]),
);

/** Writes the module of hand-written kernels; it imports `env.memory`, and exports `routines`. */
export function buildRoutines(features: Features, limits: MemoryLimits = { minimumPages: 1 }): Uint8Array {
  const module = new ModuleBuilder(limits);
  for (const dtype of matrixTypes) defineMatmul(module, lanesOf(dtype, features));
  return module.finish();
}
