import { itemSize } from "../dtype.js";
import type { ProgramNode } from "../program/program.js";
import { recurringOf } from "../program/recurring.js";
import { sizeOf } from "../shape.js";
import { type Expression, mapOf, partsOf, type Place } from "./expression.js";
import type { Loop, LoopKernel, MatmulKernel } from "./kernel.js";

/** What a Kernel does in one run. */
export interface Work {
  /** The ops that fused into it, each after those that it needs; one that is met in two places comes twice. */
  readonly ops: readonly string[];
  /** Arithmetic operations: one for each element of each op, two for each product of a matmul. */
  readonly operations: number;
  /** Bytes of the elements that it reads, by value. */
  readonly reads: ReadonlyMap<number, number>;
  /** Bytes that it writes, by value. */
  readonly writes: ReadonlyMap<number, number>;
}

const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);

function opOf(expression: Expression): string | null {
  switch (expression.kind) {
    case "unary":
      return expression.name === "copy" ? null : expression.name;
    case "binary":
      return expression.name;
    case "where":
    case "uniform":
      return expression.kind;
    case "index":
      return "iota";
    default:
      return null;
  }
}

/** Counts the bytes of what is read: each element once, also where several places show it. */
class Bytes {
  readonly byValue: Map<number, number> = new Map<number, number>();
  private readonly nodes: readonly ProgramNode[];
  private readonly sizes: readonly number[];

  constructor(nodes: readonly ProgramNode[], sizes: readonly number[]) {
    this.nodes = nodes;
    this.sizes = sizes;
  }

  add({ value, at }: Place): void {
    const { shape, dtype } = this.nodes[value]!;
    const turns = product(this.sizes.filter((_, i) => at.strides[i] !== 0));
    const before = this.byValue.get(value) ?? 0;
    this.byValue.set(value, Math.min(before + turns * itemSize[dtype], sizeOf(shape) * itemSize[dtype]));
  }
}

/** Counts what a loop nest does. */
export function workOfLoops(kernel: LoopKernel, nodes: readonly ProgramNode[]): Work {
  const { loops, reductions, body, tail } = kernel;
  const sizes = loops.map((loop) => loop.size);
  const inner = (loop: Loop): boolean => loop.reduces;
  // From outside to inside: those that reduce come last. A value is computed where the innermost loop that it varies in is.
  const order = [...loops.keys()].sort((i, j) => Number(inner(loops[i]!)) - Number(inner(loops[j]!)));
  const kept = loops.filter((loop) => !loop.reduces).length;
  const turns = (level: number): number => product(order.slice(0, level).map((i) => sizes[i]!));
  const reads = new Bytes(nodes, sizes);
  const writes = new Bytes(nodes, sizes);
  const ops: string[] = [];
  const levels = new Map<Expression, number>();
  let operations = 0;
  const visit = (expression: Expression): number => {
    const known = levels.get(expression);
    if (known !== undefined) return known;
    let level = expression.kind === "total" ? kept : 0;
    for (const part of partsOf(expression)) level = Math.max(level, visit(part));
    const map = mapOf(expression);
    if (map !== undefined) level = Math.max(level, order.findLastIndex((i) => map.strides[i] !== 0) + 1);
    levels.set(expression, level);
    if (expression.kind === "load") reads.add(expression.place);
    const op = opOf(expression);
    if (op !== null) {
      ops.push(op);
      if (op !== "cast" && op !== "iota") operations += turns(level);
    }
    return level;
  };
  for (const { name, of } of reductions) {
    visit(of);
    ops.push(name);
    operations += product(sizes);
  }
  for (const { place, value } of [...body, ...tail]) {
    visit(value);
    writes.add(place);
  }
  return { ops: ops.length > 0 ? ops : ["copy"], operations, reads: reads.byValue, writes: writes.byValue };
}

/** Counts what a matrix product does. */
export function workOfMatmul({ loops, a, b, out }: MatmulKernel, nodes: readonly ProgramNode[]): Work {
  const reads = new Bytes(nodes, loops);
  reads.add(a);
  reads.add(b);
  const { shape, dtype } = nodes[out]!;
  return {
    ops: ["matmul"],
    operations: 2 * product(loops),
    reads: reads.byValue,
    writes: new Map([[out, sizeOf(shape) * itemSize[dtype]]]),
  };
}

/** Counts what a Node does that is run by itself; `srcs` are the values that it reads. */
export function workOfNode(place: number, srcs: readonly number[], nodes: readonly ProgramNode[]): Work {
  const { op, shape, dtype } = nodes[place]!;
  const bytesOf = (value: number): number => sizeOf(nodes[value]!.shape) * itemSize[nodes[value]!.dtype];
  const largest = Math.max(sizeOf(shape), ...srcs.map((src) => sizeOf(nodes[src]!.shape)));
  const depth = op === "matmul" ? 2 * nodes[srcs[0]!]!.shape.at(-1)! : 1;
  const own = moves.has(op) ? 0 : op === "matmul" ? depth * sizeOf(shape) : largest;
  return {
    ops: [op],
    operations: op === "recur" ? workOfTurns(nodes[place]!) : own,
    reads: new Map(srcs.filter((src) => nodes[src]!.op !== "scalar").map((src) => [src, bytesOf(src)])),
    writes: new Map([[place, sizeOf(shape) * itemSize[dtype]]]),
  };
}

/** Counts the operations of all turns of a recurrence. */
function workOfTurns(node: ProgramNode): number {
  const { steps, body } = recurringOf(node);
  let turn = 0;
  body.nodes.forEach(({ op, srcs }, place) => {
    if (op !== "buffer" && op !== "scalar") turn += workOfNode(place, srcs, body.nodes).operations;
  });
  return steps * turn;
}

/** Ops that only move elements. */
const moves: ReadonlySet<string> = new Set(
  "copy cast reshape permute expand flip slice unslice windows cat gather iota".split(" "),
);
