import type { Buffer } from "../backend/backend.js";
import { codeOf } from "../dtype.js";
import { nextMark, type Node } from "./node.js";
import { OVERWRITING, type Program } from "./program.js";

/** What a Program runs on, in its order: the Buffers and numbers that it reads, and the Nodes that it computes. */
export interface Operands {
  readonly buffers: readonly Buffer[];
  readonly scalars: readonly number[];
  readonly outputs: readonly Node[];
}

/**
 * Recognises a flush that is a Program again, by going through the Program's signature: cheaper than a draft, which finds
 * an order and writes a signature down. It goes from the last place to the first, so that a Node is at its place before
 * its turn comes: its readers, or the flush that asks for it, have put it there.
 */
export class Recurrence {
  private readonly signature: Int32Array;
  private readonly program: Program;
  /** Where each place's facts begin in the signature. */
  private readonly starts: Int32Array;
  /** The places of the targets and, if everything pending joined the flush, of that. */
  private readonly roots: Int32Array;
  private readonly joined: boolean;
  private readonly related: boolean;

  /** Of a flush that has just been drafted and found to be `program`; its Nodes know their places. */
  constructor(
    signature: Int32Array,
    program: Program,
    targets: readonly Node[],
    joined: readonly Node[] | null,
    related: boolean,
  ) {
    this.signature = signature;
    this.program = program;
    this.joined = joined !== null;
    this.related = related;
    this.roots = Int32Array.from(
      [...targets, ...(joined ?? [])].filter((node) => !node.isLeaf),
      (node) => node.slot,
    );
    this.starts = new Int32Array(program.nodes.length);
    for (let place = 0, at = 0; place < program.nodes.length; place++) {
      this.starts[place] = at;
      const leaf = signature[at]! < 0;
      at += leaf ? 2 + signature[at + 1]! : 5 + signature[at + 2]! + signature[at + 3]! + signature[at + 4]!;
    }
  }

  /** What the Program would run on to compute `targets`, if that is what a draft of them would be. */
  match(targets: readonly Node[], pending: readonly Node[], related: boolean): Operands | null {
    if (related !== this.related) return null;
    const { signature, starts, program } = this;
    const mark = nextMark();
    const nodes = new Array<Node | undefined>(starts.length);
    const count = this.matchRoots(nodes, mark, targets, 0);
    if ((this.joined ? this.matchRoots(nodes, mark, pending, count) : count) !== this.roots.length) return null;
    let input = program.inputs.length;
    let number = program.scalars.length;
    let output = program.outputs.length;
    const buffers = new Array<Buffer>(input);
    const scalars = new Array<number>(number);
    const outputs = new Array<Node>(output);
    for (let place = starts.length - 1; place >= 0; place--) {
      const node = nodes[place]!;
      const { shape, buffer } = node;
      if (node.overwrittenBy !== null) return null;
      let at = starts[place]!;
      const code = signature[at++]!;
      const dtype = codeOf(node.dtype);
      if (code < 0) {
        if (node.isScalar) {
          if (code !== -1 - dtype) return null;
          scalars[--number] = node.attrs[0]!;
        } else {
          if (buffer === null || code !== -9 - dtype || !equal(signature, at + 1, shape, signature[at]!)) return null;
          buffers[--input] = buffer;
        }
        continue;
      }
      const { srcs, attrs, overwrites: old } = node;
      if (buffer !== null || code !== node.op.code * 8 + dtype) return null;
      const role = signature[at]!;
      if (old !== null && (old.buffer !== null || old.overwrittenBy !== null)) {
        if (role < OVERWRITING || !node.visible || !put(nodes, mark, old, role - OVERWRITING)) return null;
      } else if (role !== (node.visible ? 1 : 0)) return null;
      if (role !== 0) outputs[--output] = node;
      const rank = signature[at + 1]!;
      const reads = signature[at + 2]!;
      const facts = signature[at + 3]!;
      at += 4;
      if (!equal(signature, at, shape, rank)) return null;
      at += rank;
      if (srcs.length !== reads) return null;
      for (let k = 0; k < reads; k++) if (!put(nodes, mark, srcs[k]!, signature[at++]!)) return null;
      if (!equal(signature, at, attrs, facts)) return null;
    }
    return { buffers, scalars, outputs };
  }

  /** Puts the next roots at their places; returns how many there are by then, or -1. */
  private matchRoots(nodes: (Node | undefined)[], mark: number, given: readonly Node[], count: number): number {
    const { roots } = this;
    for (let i = 0; i < given.length && count >= 0; i++) {
      const node = given[i]!;
      if (node.isLeaf) continue;
      count = count < roots.length && put(nodes, mark, node, roots[count]!) ? count + 1 : -1;
    }
    return count;
  }
}

/** Puts a Node at a place, unless it has another, or the place has another Node. */
function put(nodes: (Node | undefined)[], mark: number, node: Node, place: number): boolean {
  if (node.mark === mark) return node.slot === place;
  if (nodes[place] !== undefined) return false;
  node.mark = mark;
  node.slot = place;
  nodes[place] = node;
  return true;
}

function equal(signature: Int32Array, at: number, list: readonly number[], length: number): boolean {
  if (list.length !== length) return false;
  for (let k = 0; k < length; k++) if (list[k] !== signature[at + k]) return false;
  return true;
}
