import type { Writer } from "./writer.js";

const text = `fn mul_high(a: u32, b: u32) -> u32 {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let middle = (a >> 16u) * (b & 0xffffu) + (low >> 16u);
  let other = (a & 0xffffu) * (b >> 16u) + (middle & 0xffffu);
  return (a >> 16u) * (b >> 16u) + (middle >> 16u) + (other >> 16u);
}`;

/** The function that gives the high half of a product of two u32, which WGSL has no wide type for. */
export const highProduct = (writer: Writer): string => writer.use("mul_high", text);
