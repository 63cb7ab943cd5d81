import type { MatmulKernel } from "@downhill/core/compiler";
import { Position } from "../wgsl/position.js";
import { isNarrow, load, store, typeOf } from "../wgsl/values.js";
import { Writer } from "../wgsl/writer.js";
import { type Dispatch, numberOfGroup, spread } from "./dispatch.js";
import { countersOf, productShape } from "./matmul-shape.js";
import type { Surroundings } from "./surroundings.js";

const threads = 64;

/** Writes a matrix product of any dtype, a thread for each element. */
export function writePlainMatmul(kernel: MatmulKernel, around: Surroundings, label: string): Dispatch[] {
  const { a, b, out, dtype } = kernel;
  const { batch, rows, columns, depth } = productShape(kernel);
  const total = batch * rows * columns;
  const writer = new Writer(isNarrow(dtype));
  const element = writer.let(`${numberOfGroup} * ${threads}u + t`);
  writer.line(`if (${element} >= ${total}u) { return; }`);
  const k = writer.name("k");
  const row = writer.let(`(${element} / ${columns}u) % ${rows}u`);
  const column = writer.let(`${element} % ${columns}u`);
  const counters = countersOf(kernel, writer.let(`${element} / ${rows * columns}u`), row, column, k);
  writer.line(`var sum: ${typeOf[dtype]} = ${writer.number(0, dtype)};`);
  writer.line(`for (var ${k} = 0u; ${k} < ${depth}u; ${k}++) {`);
  const position = new Position(writer, counters);
  const operand = ({ value, at }: MatmulKernel["a"]): string =>
    load(writer, around.dtypeOf(value), writer.word({ kind: "address", value }), position.at(at));
  writer.line(`sum += ${operand(a)} * ${operand(b)};`);
  writer.line("}");
  const result = dtype === "uint8" ? "(sum & 255)" : "sum";
  store(writer, dtype, writer.word({ kind: "address", value: out }), element, result);
  return [
    { label, code: writer.text(threads), workgroups: [...spread(Math.ceil(total / threads)), 1], words: writer.words },
  ];
}
