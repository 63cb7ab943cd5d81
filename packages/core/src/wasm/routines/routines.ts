import { type MemoryLimits, ModuleBuilder, type ValueType } from "../assembler.js";
import type { Features } from "./features.js";
import { lanesOf, type MatrixType } from "./lanes.js";
import { defineMatmul, matmulParams } from "./matmul.js";

const matrixTypes: readonly MatrixType[] = ["float32", "float64", "int32", "uint8"];

/** The routines that Programs import, by name, with their parameters. None returns anything. */
export const routines: Readonly<Record<string, readonly ValueType[]>> = Object.fromEntries(
  matrixTypes.map((dtype) => [`matmul_${dtype}`, matmulParams]),
);

/** Writes a module of hand-written kernels, all or one of them; it imports `env.memory`, and exports them by name. */
export function buildRoutines(
  features: Features,
  limits: MemoryLimits = { minimumPages: 1 },
  only?: string,
): Uint8Array {
  const module = new ModuleBuilder(limits);
  for (const dtype of matrixTypes) {
    if (only === undefined || only === `matmul_${dtype}`) defineMatmul(module, lanesOf(dtype, features));
  }
  return module.finish();
}
