import type { DType } from "@downhill/core";
import { sizeOf } from "@downhill/core/engine";
import { isNarrow, store } from "../wgsl/values.js";
import { Writer } from "../wgsl/writer.js";
import { type Dispatch, numberOfGroup, spread } from "./dispatch.js";
import type { NodeSource, NodeTask, Written } from "./node-task.js";

/** Lines in which running results are computed. */
interface Lines {
  readonly count: number;
  readonly length: number;
  /** The type of a result, in WGSL, and how two are combined. */
  readonly type: "f32" | "i32";
  readonly operator: "+" | "*" | "|";
  readonly none: string;
  /** Reads element `at` of a line; both u32. */
  readonly load: (writer: Writer, line: string, at: string) => string;
}

/** A pass over parts of lines. */
interface Pass {
  /** Elements of a part. */
  readonly part: number;
  /** What comes before a part; null for nothing. */
  readonly before: ((writer: Writer, line: string, part: string) => string) | null;
  readonly put: ((writer: Writer, line: string, at: string, value: string) => void) | null;
  /** Takes the result of a whole part. */
  readonly total: ((writer: Writer, line: string, part: string, value: string) => void) | null;
  readonly makesBytes: boolean;
}

const threads = 256;
/** Neighbouring elements that a thread takes. */
const perThread = 4;
/** Lines of at most so many elements a thread runs through by itself, and longer ones where many lie side by side. */
const shortLine = 8;
const manyLines = 1024;
/** Elements that a workgroup runs through; lines that are longer, and few, are shared out. */
const longLine = 2048;

/** attrs [dim]: running sums or products. Ints wrap, sums of bools are "or". */
export function writeScan({ value, node, sources, label }: NodeTask): Written {
  const { shape, dtype, op } = node;
  const [x] = sources as [NodeSource];
  if (sizeOf(shape) === 0) return { dispatches: [], scratchBytes: 0 };
  const dim = node.attrs[0] ?? 0;
  const length = shape[dim] ?? 1;
  const inner = sizeOf(shape.slice(dim + 1));
  const element = (line: string, at: string): string =>
    inner === 1
      ? `${line} * ${length}u + ${at}`
      : `(${line} / ${inner}u * ${length}u + ${at}) * ${inner}u + ${line} % ${inner}u`;
  const type = dtype === "float32" ? "f32" : "i32";
  const lines: Lines = {
    count: sizeOf(shape) / length,
    length,
    type,
    operator: op === "cumprod" ? "*" : dtype === "bool" ? "|" : "+",
    none: `${type}(${op === "cumprod" ? 1 : 0})`,
    load(writer, line, at) {
      const read = x.load(writer, element(line, at));
      return x.dtype === "bool" ? writer.let(`select(0, 1, ${read})`) : read;
    },
  };
  const put: Pass["put"] = (writer, line, at, result) => {
    store(writer, dtype, writer.word({ kind: "address", value }), element(line, at), ofDtype(dtype, result));
  };
  const makesBytes = isNarrow(dtype);
  if (length <= shortLine || (lines.count >= manyLines && inner >= 16))
    return { dispatches: [writeLines(lines, put, makesBytes, label)], scratchBytes: 0 };
  const parts = Math.ceil(length / longLine);
  if (parts <= 2 || lines.count >= threads) {
    const pass = { part: length, before: null, put, total: null, makesBytes };
    return { dispatches: [writePass(lines, pass, label)], scratchBytes: 0 };
  }
  const word = (writer: Writer, line: string, part: string): string =>
    `${writer.word({ kind: "scratch" })} + ${line} * ${parts}u + ${part}`;
  const keep: Pass["put"] = (writer, line, part, total) => {
    writer.store(word(writer, line, part), `bitcast<u32>(${total})`);
  };
  const kept: Lines["load"] = (writer, line, part) =>
    writer.let(`bitcast<${type}>(${writer.load(word(writer, line, part))})`);
  const none = { before: null, put: null, total: null, makesBytes: false };
  return {
    dispatches: [
      writePass(lines, { ...none, part: longLine, total: keep }, `${label} (parts)`),
      writePass({ ...lines, length: parts, load: kept }, { ...none, part: parts, put: keep }, `${label} (starts)`),
      writePass(lines, { ...none, part: longLine, before: kept, put, makesBytes }, label),
    ],
    scratchBytes: 4 * lines.count * parts,
  };
}

const ofDtype = (dtype: DType, result: string): string =>
  dtype === "bool" ? `(${result} != 0)` : dtype === "uint8" ? `(${result} & 255)` : result;

/** A thread runs through each line. */
function writeLines(lines: Lines, put: NonNullable<Pass["put"]>, makesBytes: boolean, label: string): Dispatch {
  const writer = new Writer(makesBytes);
  const line = writer.let(`${numberOfGroup} * ${threads}u + t`);
  writer.line(`if (${line} >= ${lines.count}u) { return; }`);
  writer.line(`var total = ${lines.none};`);
  writer.line(`for (var i = 0u; i < ${lines.length}u; i++) {`);
  writer.line(`total = total ${lines.operator} ${lines.load(writer, line, "i")};`);
  put(writer, line, "i", "total");
  writer.line("}");
  const workgroups = [...spread(Math.ceil(lines.count / threads)), 1] as const;
  return { label, code: writer.text(threads), workgroups, words: writer.words };
}

/**
 * A workgroup runs through a part of a line, or through several short lines: each thread through a few neighbours, then
 * all combine what theirs give (Hillis and Steele, "Data parallel algorithms", 1986).
 */
function writePass(lines: Lines, pass: Pass, label: string): Dispatch {
  const { type, operator, none, length } = lines;
  const width = Math.min(threads, 2 ** Math.ceil(Math.log2(Math.max(pass.part / perThread, 1))));
  const perGroup = threads / width;
  const parts = Math.ceil(length / pass.part);
  const number = lines.count * parts;
  const writer = new Writer(pass.makesBytes);
  writer.declare(`var<workgroup> sums: array<${type}, ${threads}>;`);
  const own = writer.let(perGroup === 1 ? numberOfGroup : `${numberOfGroup} * ${perGroup}u + t / ${width}u`);
  const isReal = writer.let(`${own} < ${number}u`);
  // Threads beyond the last part read what it reads, since all of a workgroup have to meet.
  const which = writer.let(`min(${own}, ${number - 1}u)`);
  const line = parts === 1 ? which : writer.let(`${which} / ${parts}u`);
  const part = parts === 1 ? "0u" : writer.let(`${which} % ${parts}u`);
  const lane = perGroup === 1 ? "t" : writer.let(`t % ${width}u`);
  const start = parts === 1 ? "0u" : writer.let(`${part} * ${pass.part}u`);
  const end = parts === 1 ? `${length}u` : writer.let(`min(${length}u, ${start} + ${pass.part}u)`);
  writer.line(`var before = ${none};`);
  if (pass.before !== null) {
    writer.line(`if (${part} > 0u) {`);
    const last = writer.let(`${part} - 1u`);
    writer.line(`before = ${pass.before(writer, line, last)};`);
    writer.line("}");
  }
  const turns = Math.ceil(Math.min(pass.part, length) / (width * perThread));
  writer.line(`for (var turn = 0u; turn < ${turns}u; turn++) {`);
  const first = writer.let(`${start} + (turn * ${width}u + ${lane}) * ${perThread}u`);
  writer.line(`var own: array<${type}, ${perThread}>;`);
  writer.line(`var total = ${none};`);
  writer.line(`for (var i = 0u; i < ${perThread}u; i++) {`);
  writer.line(`if (${first} + i < ${end}) {`);
  const at = writer.let(`${first} + i`);
  writer.line(`total = total ${operator} ${lines.load(writer, line, at)};`);
  writer.line("}");
  writer.line("own[i] = total;");
  writer.line("}");
  writer.line("sums[t] = total;");
  writer.line("workgroupBarrier();");
  // A bound that compilers do not know: they would write each step out.
  writer.line(`for (var step = 1u; step < ${writer.word({ kind: "bits", bits: width })}; step *= 2u) {`);
  writer.line("let sum = sums[t];");
  writer.line(`let other = sums[select(t, t - step, ${lane} >= step)];`);
  writer.line("workgroupBarrier();");
  writer.line(`if (${lane} >= step) { sums[t] = other ${operator} sum; }`);
  writer.line("workgroupBarrier();");
  writer.line("}");
  if (pass.put !== null) {
    writer.line(`var left = before;`);
    writer.line(`if (${lane} > 0u) { left = before ${operator} sums[t - 1u]; }`);
    writer.line(`for (var i = 0u; i < ${perThread}u; i++) {`);
    writer.line(`if (${isReal} && ${first} + i < ${end}) {`);
    const to = writer.let(`${first} + i`);
    pass.put(writer, line, to, writer.let(`left ${operator} own[i]`));
    writer.line("}");
    writer.line("}");
  }
  writer.line(`before = before ${operator} sums[t - ${lane} + ${width - 1}u];`);
  writer.line("workgroupBarrier();");
  writer.line("}");
  if (pass.total !== null) {
    writer.line(`if (${lane} == 0u && ${isReal}) {`);
    pass.total(writer, line, part, "before");
    writer.line("}");
  }
  const workgroups = [...spread(Math.ceil(number / perGroup)), 1] as const;
  return { label, code: writer.text(threads), workgroups, words: writer.words };
}
