import type { TypedArray } from "../dtype.js";
import { ValueError, show } from "../errors.js";
import type { Generator } from "./generator.js";
import type { FloatArray } from "./uniform.js";

/**
 * Fills `out` with ones with probability p and zeros otherwise, as Tensor.bernoulli_: 1 where a uniform is less than p. The
 * uniform has the precision of p: that of float64 for a number, that of its array otherwise (of the length of `out`).
 *
 * PyTorch builds with MKL draw these from a stream of MKL's own; this is what all others do.
 */
export function fillBernoulli(out: TypedArray, generator: Generator, p: number | FloatArray): void {
  if (typeof p === "number") {
    checkProbability(p);
    for (let i = 0; i < out.length; i++) out[i] = generator.random53() < p ? 1 : 0;
    return;
  }
  for (const value of p) checkProbability(value);
  const single = p instanceof Float32Array;
  for (let i = 0; i < out.length; i++) {
    const uniform = single ? generator.random24() : generator.random53();
    out[i] = uniform < p[i]! ? 1 : 0;
  }
}

function checkProbability(p: number): void {
  if (!(p >= 0 && p <= 1)) throw new ValueError(`bernoulli: a probability lies in [0, 1], got ${show(p)}`);
}
