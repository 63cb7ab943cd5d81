import type { DType } from "../dtype.js";
import { dtypeCode } from "../dtype.js";
import type { Shape } from "../shape.js";
import type { Node } from "./node.js";
import { overwrittenError } from "./node.js";
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

// Drafts are made and matched one at a time, so they share one growing array.
let scratch = new Int32Array(1024);

/**
 * A Program in the making: the Nodes of one flush, numbered, and their signature (every structural fact, as integers).
 * Equal signatures are equal Programs. Leaves are numbered where they are first used, so that the numbering follows
 * from the structure alone and not from when a Buffer was made.
 */
export class Draft {
  readonly nodes: Node[] = [];
  readonly inputs: Node[] = [];
  readonly scalars: number[] = [];
  readonly outputs: Node[] = [];
  length = 0;
  hash = 0;

  /** Numbers `needed` (sorted by id, none a leaf) and their leaves. `mark` is fresh for this walk. */
  constructor(needed: readonly Node[], mark: number) {
    for (let i = 0; i < needed.length; i++) {
      const node = needed[i]!;
      const { srcs, attrs } = node;
      for (let k = 0; k < srcs.length; k++) this.leaf(srcs[k]!, mark);
      const old = node.overwrites;
      if (old !== null) this.leaf(old, mark);
      node.mark = mark;
      node.slot = this.nodes.push(node) - 1;
      this.reserve(6 + srcs.length + attrs.length);
      this.put(node.op.code);
      this.put(dtypeCode[node.dtype]);
      // 0: internal; 1: returned; 2 + k: written into the Buffer of Node k.
      this.put(old !== null && old.buffer !== null ? 2 + old.slot : node.visible ? 1 : 0);
      this.put(srcs.length);
      for (let k = 0; k < srcs.length; k++) this.put(srcs[k]!.slot);
      this.put(attrs.length);
      for (let k = 0; k < attrs.length; k++) this.put(attrs[k]!);
      if (node.visible) this.outputs.push(node);
    }
  }

  private leaf(node: Node, mark: number): void {
    if (node.mark === mark || !node.isLeaf) return;
    if (node.overwrittenBy !== null) throw overwrittenError("flush", node);
    node.mark = mark;
    node.slot = this.nodes.push(node) - 1;
    this.reserve(3 + node.shape.length);
    this.put(node.op.name === "scalar" ? -1 : -2);
    this.put(dtypeCode[node.dtype]);
    if (node.isScalar) {
      this.scalars.push(node.value);
      return;
    }
    this.inputs.push(node);
    this.put(node.shape.length);
    for (let i = 0; i < node.shape.length; i++) this.put(node.shape[i]!);
  }

  /** The structural facts; only the first `length` count, and only until the next draft. */
  get signature(): Int32Array {
    return scratch;
  }

  private reserve(count: number): void {
    if (this.length + count <= scratch.length) return;
    const grown = new Int32Array(scratch.length * 2 + count);
    grown.set(scratch);
    scratch = grown;
  }

  private put(value: number): void {
    scratch[this.length++] = value;
    this.hash = Math.imul(this.hash ^ value, 0x01000193) ^ (this.hash >>> 15);
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
