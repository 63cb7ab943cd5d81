import type { Buffer } from "../backend/backend.js";
import type { DType } from "../dtype.js";
import { codeOf } from "../dtype.js";
import type { Shape } from "../shape.js";
import { nextMark, type Node, overwrittenError } from "./node.js";
import type { PrimitiveName } from "./vocabulary.js";

/** One Node of a Program, freed of its values: `srcs` are places in `Program.nodes`. */
export interface ProgramNode {
  readonly op: PrimitiveName | "buffer" | "scalar";
  readonly dtype: DType;
  readonly shape: Shape;
  readonly attrs: readonly number[];
  readonly srcs: readonly number[];
}

/** A value that a Program returns; `overwrites` is the place in `inputs` whose Buffer it is written into, or -1. */
export interface ProgramOutput {
  readonly node: number;
  readonly overwrites: number;
}

/** A flush's Nodes in order, with inputs, run-time scalars, outputs and in-place updates. Holds no values. */
export interface Program {
  readonly nodes: readonly ProgramNode[];
  /** Places of the `buffer` Nodes, in the order their Buffers are passed. */
  readonly inputs: readonly number[];
  /** Places of the `scalar` Nodes, in the order their numbers are passed. */
  readonly scalars: readonly number[];
  readonly outputs: readonly ProgramOutput[];
}

// What becomes of a Node's value: dropped, returned, or written into the Buffer of the Node at place role - OVERWRITING.
const INTERNAL = 0;
const RETURNED = 1;
/** @internal */
export const OVERWRITING = 2;

// Drafts are made and matched one at a time, so they share a growing array for facts and a stack for the walk.
let facts = new Int32Array(1024);
const path: Node[] = [];

/**
 * A Program in the making: the Nodes of one flush, numbered, and their signature (every structural fact, as integers).
 * Equal signatures are equal Programs. Nodes are numbered in depth-first order from the targets, leaves where they are
 * first used, so that the numbering follows from the structure alone and not from when a value was made.
 */
export class Draft {
  readonly nodes: Node[] = [];
  readonly inputs: Node[] = [];
  readonly buffers: Buffer[] = [];
  readonly scalars: number[] = [];
  readonly outputs: Node[] = [];
  /** Places of the inputs that will be overwritten. */
  readonly doomed: number[] = [];
  length = 0;
  private readonly mark: number = nextMark();

  /** Whether a Node is in this draft; its `slot` is then its place. */
  has(node: Node): boolean {
    return node.mark === this.mark;
  }

  /** Adds a Node and everything that it needs. Iterative: graphs may be deep. */
  add(target: Node): void {
    const { mark } = this;
    if (target.mark === mark || target.isLeaf) return;
    if (path.length > 0) path.length = 0; // an error has left it
    let node = target;
    node.mark = mark;
    node.slot = 0; // on the way, how many sources have been met
    for (;;) {
      const { srcs } = node;
      let next: Node | null = null;
      for (let k = node.slot; k < srcs.length; k++) {
        const src = srcs[k]!;
        if (src.mark === mark) continue;
        src.mark = mark;
        if (src.isLeaf) this.leaf(src);
        else {
          node.slot = k + 1;
          next = src;
          break;
        }
      }
      if (next !== null) {
        path.push(node);
        node = next;
        node.slot = 0;
        continue;
      }
      this.emit(node);
      if (path.length === 0) return;
      node = path.pop()!;
    }
  }

  private emit(node: Node): void {
    const { srcs, attrs, overwrites: old } = node;
    let role = node.visible ? RETURNED : INTERNAL;
    if (old !== null) {
      if (old.mark !== this.mark && old.isLeaf) {
        old.mark = this.mark;
        this.leaf(old);
      }
      if (old.buffer !== null) {
        role = OVERWRITING + old.slot;
        this.doomed.push(old.slot);
      }
    }
    node.slot = this.nodes.push(node) - 1;
    if (node.visible) this.outputs.push(node);
    const { shape } = node;
    const at = this.reserve(5 + shape.length + srcs.length + attrs.length);
    facts[at] = node.op.code * 8 + codeOf(node.dtype);
    facts[at + 1] = role;
    facts[at + 2] = shape.length;
    facts[at + 3] = srcs.length;
    facts[at + 4] = attrs.length;
    let end = at + 5;
    for (let k = 0; k < shape.length; k++) facts[end++] = shape[k]!;
    for (let k = 0; k < srcs.length; k++) facts[end++] = srcs[k]!.slot;
    for (let k = 0; k < attrs.length; k++) facts[end++] = attrs[k]!;
    this.length = end;
  }

  private leaf(node: Node): void {
    if (node.overwrittenBy !== null) throw overwrittenError("flush", node);
    node.slot = this.nodes.push(node) - 1;
    const { shape } = node;
    const at = this.reserve(2 + shape.length);
    facts[at + 1] = shape.length;
    let end = at + 2;
    if (node.isScalar) {
      facts[at] = -1 - codeOf(node.dtype);
      this.scalars.push(node.attrs[0]!);
    } else {
      facts[at] = -9 - codeOf(node.dtype);
      this.inputs.push(node);
      this.buffers.push(node.buffer!);
      for (let k = 0; k < shape.length; k++) facts[end++] = shape[k]!;
    }
    this.length = end;
  }

  /** Makes room for more facts, and tells where they begin. */
  private reserve(count: number): number {
    const { length } = this;
    if (length + count > facts.length) {
      const grown = new Int32Array(facts.length * 2 + count);
      grown.set(facts);
      facts = grown;
    }
    return length;
  }

  /** A hash of the signature; valid as long as that is. */
  get hash(): number {
    let hash = 0;
    for (let i = 0; i < this.length; i++) hash = Math.imul(hash ^ facts[i]!, 0x01000193) ^ (hash >>> 15);
    return hash;
  }

  /** The structural facts; only the first `length` count, and only until the next draft. */
  get signature(): Int32Array {
    return facts;
  }

  /** The Program that this draft describes. */
  program(): Program {
    const inputPlaces = new Map<Node, number>(this.inputs.map((node, k) => [node, k]));
    return {
      nodes: this.nodes.map((node) => ({
        op: node.isLeaf ? (node.isScalar ? "scalar" : "buffer") : node.op.name,
        dtype: node.dtype,
        shape: node.shape,
        attrs: node.isLeaf ? [] : node.attrs,
        srcs: node.isLeaf ? [] : node.srcs.map((src) => src.slot),
      })),
      inputs: this.inputs.map((node) => node.slot),
      scalars: this.nodes.filter((node) => node.isScalar).map((node) => node.slot),
      outputs: this.outputs.map((node) => ({
        node: node.slot,
        overwrites: node.overwrites?.buffer ? inputPlaces.get(node.overwrites)! : -1,
      })),
    };
  }
}
