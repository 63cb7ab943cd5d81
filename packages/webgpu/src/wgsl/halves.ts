import type { Expression } from "@downhill/core/compiler";
import { nanTest } from "./rounding.js";
import type { Writer } from "./writer.js";

// In memory a float16 is half of a word, wherever it is computed with, the float32 that it is too.

/** The number that the low half of a word stands for. */
export const ofHalf = (bits: string): string => `unpack2x16float(${bits}).x`;

// What pack2x16float makes of infinities and NaN is not said.
const halfBits = `fn half_bits(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  let beyond = ((bits >> 16u) & 0x8000u) | select(0x7c00u, 0x7e00u, (bits & 0x7fffffffu) > 0x7f800000u);
  return select(pack2x16float(vec2(x, 0.0)), beyond, (bits & 0x7fffffffu) >= 0x47800000u);
}`;

/** The bits of a number that is a float16, in the low half of a word. */
export const bitsOfHalf = (writer: Writer, x: string): string => `${writer.use("half_bits", halfBits)}(${x})`;

const nearestHalf = (infinity: string): string => `fn nearest_half(x: f32) -> f32 {
  let inside = f32(f16(clamp(x, -65504.0, 65504.0)));
  return select(select(inside, x * ${infinity}, abs(x) >= 65520.0), x, is_nan(x));
}`;

const operators: Readonly<Record<string, string>> = { add: "+", sub: "-", mul: "*" };

/** Whether an expression is a float16 that memory has, as a float32. */
const isStored = (x: Expression): boolean => x.kind === "unary" && x.name === "cast" && x.x.dtype === "float16";

/**
 * The nearest float16, on a device that computes with them (shader-f16); sums and products of two it computes in float16
 * itself, which rounds to the same. `of` writes a part.
 */
export function roundedByDevice(writer: Writer, x: Expression, of: (part: Expression) => string): string {
  writer.enable("f16");
  if (x.kind === "binary" && x.name in operators && isStored(x.x) && isStored(x.y))
    return `f32(f16(${of(x.x)}) ${operators[x.name]!} f16(${of(x.y)}))`;
  nanTest(writer);
  return `${writer.use("nearest_half", nearestHalf(writer.number(Infinity, "float32")))}(${of(x)})`;
}
