import { type MemoryLimits, ModuleBuilder, type ValueType } from "../assembler.js";
import type { Path } from "./descriptor.js";
import type { Features } from "./features.js";
import { lanesOf, type MatrixType } from "./lanes.js";
import { defineMatmul, matmulParams, paths } from "./matmul.js";

const matmuls = (["float32", "float64", "int32", "uint8"] satisfies MatrixType[]).flatMap((dtype) =>
  (Object.keys(paths) as Path[]).map((path) => ({ name: `matmul_${dtype}_${path}`, dtype, path })),
);

/** The routines that Programs import, by name, with their parameters. None returns anything. */
export const routines: Readonly<Record<string, readonly ValueType[]>> = Object.fromEntries(
  matmuls.map(({ name }) => [name, matmulParams]),
);

/** Writes a module of hand-written kernels, all or one of them; it imports `env.memory`, and exports them by name. */
export function buildRoutines(
  features: Features,
  limits: MemoryLimits = { minimumPages: 1 },
  only?: string,
): Uint8Array {
  const module = new ModuleBuilder(limits);
  for (const { name, dtype, path } of matmuls) {
    if (only === undefined || only === name) defineMatmul(module, lanesOf(dtype, features), path);
  }
  return module.finish();
}
