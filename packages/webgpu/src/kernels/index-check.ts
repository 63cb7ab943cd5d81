import type { ProgramNode } from "@downhill/core/engine";
import { writeFailure } from "../wgsl/failure.js";
import type { Writer } from "../wgsl/writer.js";

/**
 * Makes a place along dim attrs[0] of `shape` from an index (i32), and tells of one that is out of range, which then is
 * `size` or more. `at` is the index's own place, u32.
 */
export function writeIndexCheck(
  writer: Writer,
  { op, attrs }: ProgramNode,
  shape: readonly number[],
  index: string,
  at: string,
): string {
  const [dim, wrap, caller, named] = attrs as [number, number, number, number];
  const size = shape[dim]!;
  const place = writer.let(wrap === 1 ? `u32(select(${index}, ${index} + ${size}, ${index} < 0))` : `u32(${index})`);
  writer.line(`if (${place} >= ${size}u) {`);
  writeFailure(writer, { op, attrs: [dim, wrap, caller, named], shape }, at, index);
  writer.line("}");
  return place;
}
