import type { Works } from "../../runner.ts";
import { add, batch, gelu, matmul } from "./arrays.ts";
import { program2, program3 } from "./lesson.ts";
import { mlp } from "./mlp.ts";

const unwritten = "not written by hand";

/** The same arithmetic in plain loops over numbers: no tensors, no autograd. */
export const works: Works = {
  "program-2": program2,
  "program-2-compiled": program2,
  "program-3": program3,
  "mlp-64-sgd": mlp("mlp-64-sgd"),
  "mlp-64-adam": mlp("mlp-64-adam"),
  "mlp-512-sgd": mlp("mlp-512-sgd"),
  cnn: unwritten,
  block: unwritten,
  gelu,
  add,
  "matmul-512": matmul(512),
  "matmul-2048": matmul(2048),
  batch,
  "first-step": "no library",
  "compile-30": "no library",
};
