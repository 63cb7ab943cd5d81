import { ValueError, show } from "../errors.js";
import { log } from "./accurate.js";
import type { Generator } from "./generator.js";
import type { FloatArray } from "./uniform.js";

/** Fills `out` with numbers from the exponential distribution of rate `lambda`, as Tensor.exponential_: one float64 uniform each. */
export function fillExponential(out: FloatArray, generator: Generator, lambda = 1): void {
  if (!(lambda >= 0)) throw new ValueError(`exponential: lambda must be at least 0, got ${show(lambda)}`);
  for (let i = 0; i < out.length; i++) out[i] = (-1 / lambda) * log(1 - generator.random53());
}
