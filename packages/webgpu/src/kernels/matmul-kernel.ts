import type { MatmulKernel } from "@downhill/core/compiler";
import { type Counter, Position } from "../wgsl/position.js";
import { bitsOf, load, typeOf } from "../wgsl/values.js";
import { Writer } from "../wgsl/writer.js";
import { type Dispatch, numberOfGroup, spread } from "./dispatch.js";
import type { Surroundings } from "./surroundings.js";

const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);

/** Writes a matrix product: a thread for each element. */
export function writeMatmul(kernel: MatmulKernel, around: Surroundings, label: string): Dispatch[] {
  const { loops, batch, rows, columns, depth, a, b, out, dtype } = kernel;
  const counter = (first: number, count: number, flat: string): Counter => ({
    loops: Array.from({ length: count }, (_, i) => first + i),
    sizes: loops.slice(first, first + count),
    flat,
  });
  const total = product(loops.slice(0, batch + rows + columns));
  const deep = product(loops.slice(batch + rows + columns));
  if (total === 0) return [];
  const writer = new Writer();
  const element = writer.let(`${numberOfGroup} * 64u + t`);
  writer.line(`if (${element} >= ${total}u) { return; }`);
  const outer = counter(0, batch + rows + columns, element);
  const k = writer.name("k");
  const position = new Position(writer, [outer]);
  writer.line(`var sum: ${typeOf[dtype]} = ${writer.number(0, dtype)};`);
  for (const { at } of [a, b])
    position.at({ ...at, strides: at.strides.map((s, i) => (i < outer.loops.length ? s : 0)) });
  writer.line(`for (var ${k} = 0u; ${k} < ${deep}u; ${k}++) {`);
  const inner = new Position(writer, [outer, counter(batch + rows + columns, depth, k)], position);
  const operand = ({ value, at }: MatmulKernel["a"]): string =>
    load(writer, around.dtypeOf(value), writer.word({ kind: "address", value }), inner.at(at));
  writer.line(`sum += ${operand(a)} * ${operand(b)};`);
  writer.line("}");
  writer.store(`${writer.word({ kind: "address", value: out })} + ${element}`, bitsOf(dtype, "sum"));
  return [{ label, code: writer.text(64), workgroups: [...spread(Math.ceil(total / 64)), 1], words: writer.words }];
}
