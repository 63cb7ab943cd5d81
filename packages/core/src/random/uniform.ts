import { ValueError, show } from "../errors.js";
import { fma32, fma64 } from "./exact-arithmetic.js";
import type { Generator } from "./generator.js";

/** Storage of floating-point dtypes. */
export type FloatArray = Float32Array | Float64Array;

/**
 * Fills `out` with uniform numbers from [from, to), as Tensor.uniform_: one 32-bit draw for each float32, two for each float64.
 * Rounding may give `to` itself, as it does in PyTorch.
 */
export function fillUniform(out: FloatArray, generator: Generator, from = 0, to = 1): void {
  checkBounds(out, from, to);
  if (out instanceof Float32Array) {
    if (from === 0 && to === 1) {
      for (let i = 0; i < out.length; i++) out[i] = generator.random24();
      return;
    }
    const low = Math.fround(from);
    const range = Math.fround(Math.fround(to) - low);
    for (let i = 0; i < out.length; i++) out[i] = fma32(generator.random24(), range, low);
    return;
  }
  if (from === 0 && to === 1) {
    for (let i = 0; i < out.length; i++) out[i] = generator.random53();
    return;
  }
  for (let i = 0; i < out.length; i++) out[i] = fma64(generator.random53(), to - from, from);
}

function checkBounds(out: FloatArray, from: number, to: number): void {
  const max = out instanceof Float32Array ? 3.4028234663852886e38 : Number.MAX_VALUE;
  for (const bound of [from, to]) {
    if (typeof bound !== "number" || !(Math.abs(bound) <= max)) {
      throw new ValueError(
        `uniform: the bound ${show(bound)} is no finite number of the dtype (from ${show(from)} to ${show(to)})`,
      );
    }
  }
  if (from > to) {
    throw new ValueError(`uniform: from ${from} is greater than to ${to}`, `did you mean uniform(${to}, ${from})?`);
  }
  if (to - from > max) {
    throw new ValueError(`uniform: the range from ${from} to ${to} is wider than the dtype's largest number, ${max}`);
  }
}
