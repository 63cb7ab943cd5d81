import type { Works } from "../../runner.ts";
import { batchSize } from "../../work/lesson.ts";
import { add, matmul } from "./arrays.ts";
import { firstStep, mlp, program } from "./training.ts";

/** js-pytorch: eager, in nested JavaScript arrays. */
export const works: Works = {
  "program-2": program(1, false),
  "program-2-compiled": "compiles nothing: eager",
  "program-3": program(batchSize, true),
  "mlp-64-sgd": "has no SGD, only Adam",
  "mlp-64-adam": mlp,
  "mlp-512-sgd": "has no SGD, only Adam",
  cnn: "has no convolution",
  block: "has neither erf nor tanh, so no GELU",
  gelu: "has no tanh",
  add,
  "matmul-512": matmul(512),
  "matmul-2048": matmul(2048),
  batch: "has no loader, and nested arrays in the place of typed ones",
  "first-step": firstStep,
  "compile-30": "compiles nothing: eager",
};
