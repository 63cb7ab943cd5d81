import type { TypedArray } from "../dtype.js";
import { ValueError } from "../errors.js";
import type { Generator } from "./generator.js";

/** Fills `out` with 0 … n - 1 in random order, as torch.randperm(n): Fisher-Yates from the front, n - 1 draws of 32 bits. */
export function fillPermutation(out: TypedArray, generator: Generator): void {
  const n = out.length;
  const most = out instanceof Uint8Array ? 256 : out instanceof Float32Array ? 2 ** 24 + 1 : 2 ** 31;
  if (n > most)
    throw new ValueError(`randperm: ${n} numbers do not fit the dtype, which counts to ${most - 1}`, "use int32");
  for (let i = 0; i < n; i++) out[i] = i;
  for (let i = 0; i < n - 1; i++) {
    const j = i + (generator.random32() % (n - i));
    const value = out[i]!;
    out[i] = out[j]!;
    out[j] = value;
  }
}
