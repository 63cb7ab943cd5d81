import type { Works } from "../../runner.ts";
import { add, batch, gelu, matmul } from "./arrays.ts";
import { compile30, firstStep } from "./cold.ts";
import { program2, program3 } from "./lesson.ts";
import { block, cnn, mlp } from "./networks.ts";

/** jax-js, everything in `jit`. */
export const works: Works = {
  "program-2": program2,
  "program-2-compiled": program2,
  "program-3": program3,
  "mlp-64-sgd": mlp("mlp-64-sgd"),
  "mlp-64-adam": mlp("mlp-64-adam"),
  "mlp-512-sgd": mlp("mlp-512-sgd"),
  "mlp-64-read-10": mlp("mlp-64-read-10"),
  "mlp-64-read-1": mlp("mlp-64-read-1"),
  cnn,
  block,
  gelu,
  add,
  "matmul-512": matmul(512),
  "matmul-2048": matmul(2048),
  batch,
  "first-step": firstStep,
  "compile-30": compile30,
};
