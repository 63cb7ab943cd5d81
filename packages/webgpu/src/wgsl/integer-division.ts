import { writeFailure } from "./failure.js";
import type { Writer } from "./writer.js";

export type Division = "floorDivide" | "remainder" | "fmod";

// WGSL cuts quotients towards 0, -2^31 / -1 gives -2^31, and what is left of both is exact.
const texts: Record<Division, (name: string) => string> = {
  floorDivide: (name) => `fn ${name}(x: i32, y: i32) -> i32 {
  let rest = x % y;
  return x / y - select(0, 1, rest != 0 && (rest < 0) != (y < 0));
}`,
  remainder: (name) => `fn ${name}(x: i32, y: i32) -> i32 {
  let rest = x % y;
  return select(rest, rest + y, rest != 0 && (rest < 0) != (y < 0));
}`,
  fmod: (name) => `fn ${name}(x: i32, y: i32) -> i32 { return x % y; }`,
};

const names: Record<Division, string> = { floorDivide: "floor_divide", remainder: "int_remainder", fmod: "int_fmod" };

/** Divides integers, rounding down, or towards 0 for fmod; tells of a divisor of 0. */
export function divideInts(writer: Writer, name: Division, x: string, y: string): string {
  writer.line(`if (${y} == 0) {`);
  writeFailure(writer, { op: name, attrs: [], shape: [] }, writer.turn, x);
  writer.line("}");
  const divisor = writer.let(`select(${y}, 1, ${y} == 0)`);
  return `${writer.use(names[name], texts[name](names[name]))}(${x}, ${divisor})`;
}
