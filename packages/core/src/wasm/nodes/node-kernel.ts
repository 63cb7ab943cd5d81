import type { Source } from "../../kernel/expression-builder.js";
import { valueOf } from "../../program/schedule.js";
import type { ProgramNode } from "../../program/program.js";
import type { PrimitiveName } from "../../program/vocabulary.js";
import type { Code } from "../assembler.js";
import type { Surroundings } from "../loops/loop-kernel.js";
import { argsortScratch, writeArgsort } from "./argsort.js";
import { elements } from "./elements.js";
import { writeGather } from "./gather.js";
import type { NodeSource, NodeWriter } from "./node-writer.js";
import { writeScan } from "./scan.js";
import { writeScatter } from "./scatter.js";

interface Writer {
  readonly write: NodeWriter;
  /** Which of a Node's sources may be run-time numbers. */
  readonly numbers: readonly number[];
  /** Bytes of working memory. */
  readonly scratch?: (node: ProgramNode, x: ProgramNode) => number;
}

const writers: Readonly<Partial<Record<string, Writer>>> = {
  gather: { write: writeGather, numbers: [] },
  scatter: { write: writeScatter, numbers: [0, 2] },
  cumsum: { write: writeScan, numbers: [] },
  cumprod: { write: writeScan, numbers: [] },
  argsort: { write: writeArgsort, numbers: [], scratch: argsortScratch },
} satisfies Partial<Record<PrimitiveName, unknown>>;

/** Bytes of working memory that the code of a Node needs. */
export function nodeScratch(nodes: readonly ProgramNode[], place: number): number {
  const node = nodes[place]!;
  return writers[node.op]?.scratch?.(node, nodes[node.srcs[0]!]!) ?? 0;
}

/** Whether there is code for a Node that is a Kernel by itself; the interpreter runs the others. */
export function isWritten(source: Source, place: number): boolean {
  const { op, srcs } = source.nodes[place]!;
  const numbers = writers[op]?.numbers;
  const isNumber = (src: number): boolean => source.nodes[valueOf(source, src)]!.op === "scalar";
  return numbers !== undefined && srcs.every((src, k) => numbers.includes(k) || !isNumber(src));
}

/** What the code of Nodes needs beside what all Kernels do. */
export interface NodeSurroundings extends Surroundings {
  /** A function of an index that is out of range, and the Node's place. */
  readonly refuse: number;
  /** Puts the address of working memory on the stack. */
  scratch(code: Code): void;
}

/** Writes a Node that is a Kernel by itself. */
export function writeNodeKernel(code: Code, source: Source, place: number, around: NodeSurroundings): void {
  const { nodes } = source;
  const node = nodes[place]!;
  const sources = node.srcs.map((src): NodeSource => {
    const value = valueOf(source, src);
    const { op, dtype, attrs } = nodes[value]!;
    const isNumber = op === "scalar";
    const local = code.local(isNumber ? elements[dtype].type : "i32");
    if (isNumber) {
      // One that came with lowering has its number with it.
      if (attrs.length > 0) code.f64(attrs[0]!);
      else around.number(code, value);
      if (dtype === "float32") code.op("f32.demote_f64");
      else if (dtype !== "float64") code.op("i32.trunc_sat_f64_s");
    } else around.address(code, value);
    code.set(local);
    return { isNumber, local };
  });
  const out = code.local("i32");
  around.address(code, place);
  code.set(out);
  const srcs = node.srcs.map((src) => nodes[src]!);
  const simd = around.flavour !== "scalar";
  writers[node.op]!.write(code, node, srcs, {
    simd,
    out,
    sources,
    refuse: () => code.i32(place).call(around.refuse),
    scratch: (to) => {
      around.scratch(to);
    },
  });
}
