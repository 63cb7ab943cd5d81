import type { DType } from "@downhill/core";
import { sizeOf } from "@downhill/core/engine";
import type { Writer } from "../wgsl/writer.js";
import type { NodeSource, NodeTask, Written } from "./node-task.js";
import { writeSort } from "./sort-kernel.js";

// NaN comes last whatever its sign, and -0 is 0. Of negative numbers all bits are turned, of others the sign.
const keyOfFloat = `fn key_of_float(bits: u32) -> u32 {
  if ((bits & 0x7fffffffu) > 0x7f800000u) { return 0xffffffffu; }
  if (bits == 0x80000000u) { return bits; }
  return select(bits ^ 0x80000000u, ~bits, (bits >> 31u) != 0u);
}`;

/** A number, u32, in whose order a dtype's elements stand. */
function keyOf(writer: Writer, dtype: DType, x: string, descending: boolean): string {
  const key =
    dtype === "float32"
      ? `${writer.use("key_of_float", keyOfFloat)}(bitcast<u32>(${x}))`
      : dtype === "bool"
        ? `select(0u, 1u, ${x})`
        : `(bitcast<u32>(${x}) ^ 0x80000000u)`;
  return writer.let(descending ? `~${key}` : key);
}

/** attrs [dim, descending]: the places of the first elements in order, equal ones in their old order, NaN the largest. */
export function writeArgsort({ value, node, sources, label }: NodeTask): Written {
  const [x] = sources as [NodeSource];
  const [dim, descending] = node.attrs as [number, number];
  if (sizeOf(node.shape) === 0) return { dispatches: [], scratchBytes: 0 };
  const [length, count] = [x.shape[dim]!, node.shape[dim]!];
  const inner = sizeOf(x.shape.slice(dim + 1));
  /** Element `at` of a line, of so many. */
  const element = (line: string, at: string, many: number): string =>
    inner === 1
      ? `${line} * ${many}u + ${at}`
      : `(${line} / ${inner}u * ${many}u + ${at}) * ${inner}u + ${line} % ${inner}u`;
  const { dispatches, words } = writeSort({
    lines: sizeOf(x.shape) / length,
    length,
    count,
    scratch: 0,
    key: (writer, line, at) => keyOf(writer, x.dtype, x.load(writer, element(line, at, length)), descending === 1),
    put(writer, line, rank, { place }) {
      writer.store(`${writer.word({ kind: "address", value })} + ${element(line, rank, count)}`, place);
    },
    label,
  });
  return { dispatches, scratchBytes: 4 * words };
}
