import type { Handler } from "./kernel.js";

// Philox4x32-10: Salmon, Moraes, Dror and Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011, section 4.3.
const multiplier0 = 0xd2511f53;
const multiplier1 = 0xcd9e8d57;
const weyl0 = 0x9e3779b9;
const weyl1 = 0xbb67ae85;
const rounds = 10;

/** The high 32 bits of the product of two unsigned words, from products of halves, which are exact in float64. */
function high(a: number, b: number): number {
  const low = (a & 0xffff) * (b & 0xffff);
  const middle = (a >>> 16) * (b & 0xffff) + (low >>> 16);
  const other = (a & 0xffff) * (b >>> 16) + (middle & 0xffff);
  // `middle` and `other` are below 2³²: >>> takes them as they are.
  return ((a >>> 16) * (b >>> 16) + (middle >>> 16) + (other >>> 16)) >>> 0;
}

/** A block's four counter words, which become four random words. */
export type Words = [number, number, number, number];

/** Ten rounds of Philox4x32 on the counter words in `block`, in place. Words are read modulo 2³², and left unsigned. */
export function philox(block: Words, key0: number, key1: number): void {
  let [a, b, c, d] = block;
  for (let round = 0; round < rounds; round++) {
    const high0 = high(a, multiplier0);
    const high1 = high(c, multiplier1);
    const low0 = Math.imul(a, multiplier0);
    const low1 = Math.imul(c, multiplier1);
    a = high1 ^ b ^ key0;
    b = low1;
    c = high0 ^ d ^ key1;
    d = low0;
    key0 = (key0 + weyl0) | 0;
    key1 = (key1 + weyl1) | 0;
  }
  block[0] = a >>> 0;
  block[1] = b >>> 0;
  block[2] = c >>> 0;
  block[3] = d >>> 0;
}

/**
 * attrs [...shape], srcs key and counter, both 0-d int32: element i is word i mod 4 of the block with counter words
 * (⌊i / 4⌋, counter, 0, 0) and key words (key, 0), as (word >>> 8) · 2⁻²⁴: float32 in [0, 1), the same bits everywhere.
 */
export const uniform: Handler = () => {
  const block: Words = [0, 0, 0, 0];
  return (out, [key, counter]) => {
    for (let i = 0; i < out.length; i += 4) {
      block[0] = i / 4;
      block[1] = counter![0]!;
      block[2] = 0;
      block[3] = 0;
      philox(block, key![0]!, 0);
      const end = Math.min(4, out.length - i);
      for (let k = 0; k < end; k++) out[i + k] = (block[k]! >>> 8) * 2 ** -24;
    }
  };
};
