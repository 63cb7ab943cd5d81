import { highProduct } from "./wide-product.js";
import type { Writer } from "./writer.js";

// Philox4x32-10: Salmon, Moraes, Dror and Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011, section 4.3.
// Element i is word i mod 4 of block ⌊i / 4⌋.
const noise = `fn noise(i: u32, key: u32, counter: u32) -> f32 {
  var c = vec4<u32>(i >> 2u, counter, 0u, 0u);
  var k = vec2<u32>(key, 0u);
  for (var round = 0; round < 10; round++) {
    c = vec4<u32>(mul_high(c.z, 0xcd9e8d57u) ^ c.y ^ k.x, c.z * 0xcd9e8d57u, mul_high(c.x, 0xd2511f53u) ^ c.w ^ k.y, c.x * 0xd2511f53u);
    k += vec2<u32>(0x9e3779b9u, 0xbb67ae85u);
  }
  return f32(c[i & 3u] >> 8u) * 5.9604644775390625e-8;
}`;

/** The function that draws element i: float32 in [0, 1), the same bits as on every backend. */
export function philox(writer: Writer): string {
  highProduct(writer);
  return writer.use("noise", noise);
}
