import { type Affine, constant, moved, position, scaled } from "../kernel/affine.js";
import { type Cut, withCut } from "../kernel/digits.js";
import { BuildFailure, ExpressionBuilder, linear, type Source } from "../kernel/expression-builder.js";
import type { Expression, Reduction } from "../kernel/expression.js";
import type { Kernel, Loop, LoopKernel, MatmulKernel, Store } from "../kernel/kernel.js";
import type { Shape } from "../shape.js";
import { shortProduct } from "./lower.js";
import type { ProgramNode } from "./program.js";
import { isReduction } from "./stored-values.js";

/** Loops of a Node's index space: its dims but those of size 1; of a reduction, those of its source. */
export function loopsOf(nodes: readonly ProgramNode[], node: ProgramNode): Loop[] {
  const reduces = isReduction(node);
  const shape = reduces ? nodes[node.srcs[0]!]!.shape : node.shape;
  const loops: Loop[] = [];
  for (let dim = 0; dim < shape.length; dim++) {
    const size = shape[dim]!;
    // The first of a reduction's attrs is whether it keeps its dims.
    if (size !== 1) loops.push({ size, reduces: reduces && node.attrs.indexOf(dim, 1) > 0 });
  }
  return loops;
}

/** A stored value whose loops a Group shares, and in which part of the nest it is computed. */
export interface Root {
  readonly node: number;
  /** In every turn; a reduction over some loops; or in every turn of the loops that do not reduce. */
  readonly role: "body" | "reduction" | "tail";
}

/** Stored values that one loop nest computes. */
export class Group {
  loops: readonly Loop[];
  readonly roots: Root[] = [];
  /** Groups that must have run: those whose values this one reads, among others. */
  readonly needs: Set<Group> = new Set<Group>();
  /** Greater than that of any Group it needs. */
  rank = 0;
  private readonly neededBy = new Set<Group>();
  /** Whether it is a Kernel of its own kind, that nothing joins. */
  closed = false;
  kernels: readonly Kernel[] = [];
  /** The Kernel that its roots have built so far; null of a closed one. */
  draft: KernelDraft | null = null;
  /** Of a matrix product: the Group that runs right after it, on its elements. */
  follower: Group | null = null;

  constructor(loops: readonly Loop[]) {
    this.loops = loops;
  }

  /** Has other Groups run before this one. */
  need(others: Iterable<Group>): void {
    for (const other of others) {
      if (other === this) continue;
      this.needs.add(other);
      other.neededBy.add(this);
      this.raise(other.rank + 1);
    }
  }

  private raise(rank: number): void {
    if (rank <= this.rank) return;
    this.rank = rank;
    const raised: Group[] = [this];
    for (let group = raised.pop(); group !== undefined; group = raised.pop()) {
      for (const other of group.neededBy) {
        if (other.rank > group.rank) continue;
        other.rank = group.rank + 1;
        raised.push(other);
      }
    }
  }

  /** How a Node with these loops would join: the loops they would share and its part; null if their loops differ. */
  fit(wanted: readonly Loop[], isReduction: boolean): { loops: readonly Loop[]; role: Root["role"] } | null {
    const { loops } = this;
    if (loops.length < wanted.length) return null;
    const same = loops.length === wanted.length && sameSizes(loops, wanted);
    if (!same && isReduction) return null;
    const reduced = loops.some((loop) => loop.reduces);
    if (isReduction) {
      if (reduced && loops.some((loop, i) => loop.reduces !== wanted[i]!.reduces)) return null;
      return { loops: reduced ? loops : wanted, role: "reduction" };
    }
    if (same) return { loops, role: "body" };
    const kept = reduced ? loops.filter((loop) => !loop.reduces) : [];
    return reduced && kept.length === wanted.length && sameSizes(kept, wanted) ? { loops, role: "tail" } : null;
  }
}

function sameSizes(a: readonly Loop[], b: readonly Loop[]): boolean {
  for (let i = 0; i < a.length; i++) if (a[i]!.size !== b[i]!.size) return false;
  return true;
}

/** Coordinates of a shape whose dims but those of size 1 are these loops, in order. */
function coordinatesOf(shape: Shape, loops: readonly Affine[], count: number): Affine[] {
  let next = 0;
  return shape.map((size) => (size === 1 ? constant(0, count) : loops[next++]!));
}

/**
 * Builds a Kernel over loops, cutting loops in two where views ask for it. `write` gets the nest, and each of the given
 * loops' position in it.
 */
function overLoops(
  loops: readonly Loop[],
  write: (nest: readonly Loop[], positions: readonly Affine[]) => LoopKernel,
): LoopKernel {
  let positions = loops.map((_, i) => position(i, loops.length));
  let nest = loops;
  for (;;) {
    try {
      return write(nest, positions);
    } catch (error) {
      if (!(error instanceof BuildFailure) || error.cut === null || nest.length > deepest) throw error;
      const { cut } = error;
      nest = cutLoop(nest, cut);
      positions = positions.map((affine) => withCut(affine, cut));
    }
  }
}

function cutLoop(nest: readonly Loop[], { loop, inner }: Cut): Loop[] {
  const { size, reduces } = nest[loop]!;
  return nest.toSpliced(loop, 1, { size: size / inner, reduces }, { size: inner, reduces });
}

/** Past this many loops none is cut any more. */
const deepest = 10;

const builderFor = (source: Source, nest: readonly Loop[]): ExpressionBuilder =>
  new ExpressionBuilder(
    source,
    nest.map((loop) => loop.size),
  );

/** A Kernel that takes one root after the other, each written to memory. */
export class KernelDraft {
  private readonly source: Source;
  private readonly loops: readonly Loop[];
  private readonly roots: Root[] = [];
  private nest: readonly Loop[];
  /** Where each of the loops stands in the nest, whose own loops they may be cut into. */
  private positions: readonly Affine[];
  private builder: ExpressionBuilder;
  private body: Store[] = [];
  private tail: Store[] = [];
  private reductions: Reduction[] = [];

  constructor(source: Source, loops: readonly Loop[]) {
    this.source = source;
    this.loops = loops;
    this.nest = loops;
    this.positions = loops.map((_, i) => position(i, loops.length));
    this.builder = builderFor(source, loops);
  }

  get kernel(): LoopKernel {
    const { nest, reductions, body, tail } = this;
    return { kind: "loop", loops: nest, reductions, body, tail, zeroed: [], isTail: false };
  }

  /**
   * Gives this draft, or one that takes its place, with a root more. Throws BuildFailure, and leaves this one as it was,
   * if the root reads another one anywhere but where it is made, or if the source of a view must be stored.
   */
  with(root: Root, loops: readonly Loop[] = this.loops): KernelDraft {
    if (loops !== this.loops) return new KernelDraft(this.source, loops).withAll([...this.roots, root]);
    try {
      this.add(root);
      return this;
    } catch (error) {
      if (!(error instanceof BuildFailure) || error.cut === null || this.nest.length > deepest) throw error;
      const draft = new KernelDraft(this.source, loops);
      draft.cutInto(
        cutLoop(this.nest, error.cut),
        this.positions.map((affine) => withCut(affine, error.cut!)),
      );
      return draft.withAll([...this.roots, root]);
    }
  }

  private withAll(roots: readonly Root[]): KernelDraft {
    return roots.reduce<KernelDraft>((draft, root) => draft.with(root), this);
  }

  private cutInto(nest: readonly Loop[], positions: readonly Affine[]): void {
    this.nest = nest;
    this.positions = positions;
    this.builder = builderFor(this.source, nest);
  }

  private add(root: Root): void {
    const { source, loops, nest, positions, builder } = this;
    const { node, role } = root;
    const count = nest.length;
    const kept = positions.filter((_, i) => !loops[i]!.reduces);
    const { shape, dtype, op, srcs, attrs } = source.nodes[node]!;
    let value: Expression;
    let at: Affine;
    if (role === "reduction") {
      const from = source.nodes[srcs[0]!]!.shape;
      builder.late = false;
      const coordinates = coordinatesOf(from, positions, count);
      const of = builder.value(srcs[0]!, coordinates);
      // The dim of argmax and argmin stands last in their attrs.
      const turn = coordinates[attrs.at(-1) ?? 0] ?? constant(0, count);
      const isProduct = attrs[0] === shortProduct;
      const reduction: Reduction = { name: op as Reduction["name"], dtype, of, at: turn, isProduct };
      this.reductions.push(reduction);
      value = { kind: "total", dtype, reduction };
      const outer = loops.filter((loop) => !loop.reduces).map((loop) => loop.size);
      at = linear(kept, outer, count);
    } else {
      const coordinates = coordinatesOf(shape, role === "tail" ? kept : positions, count);
      builder.late = role === "tail";
      value = builder.compute(node, coordinates);
      at = linear(coordinates, shape, count);
    }
    builder.provide(node, at, value, role !== "body");
    (role === "body" ? this.body : this.tail).push({ place: { value: node, at }, value });
    this.roots.push(root);
  }
}

/** The value that an unslice places, through others that are not stored, and where: they all are one. */
export function placedBy(source: Source, node: number): { part: number; move: (at: Affine[]) => Affine[] } {
  const { srcs, attrs } = source.nodes[node]!;
  const [from, start] = srcs as [number, number];
  const [dim, , step] = attrs as [number, number, number];
  const own = (at: Affine[]): Affine[] => at.with(dim, moved(scaled(at[dim]!, step, 0), start));
  if (source.nodes[from]!.op !== "unslice" || source.isStored(from)) return { part: from, move: own };
  const { part, move } = placedBy(source, from);
  return { part, move: (at) => own(move(at)) };
}

/** Builds the Kernel that writes a value into a part of a Node's; `move` leads from coordinates in one to the other. */
export function buildPart(source: Source, node: number, part: number, move: (at: Affine[]) => Affine[]): LoopKernel {
  const target = source.nodes[node]!;
  const from = source.nodes[part]!;
  return overLoops(loopsOf(source.nodes, { ...from, op: "copy" }), (nest, positions) => {
    const coordinates = coordinatesOf(from.shape, positions, nest.length);
    const value = builderFor(source, nest).value(part, coordinates);
    const place = { value: node, at: linear(move(coordinates), target.shape, nest.length) };
    const zeroed = target.op === "unslice" ? [node] : [];
    return { kind: "loop", loops: nest, reductions: [], body: [{ place, value }], tail: [], zeroed, isTail: false };
  });
}

/** Builds the Kernel of a matrix product, each operand a view of a stored value. */
export function buildMatmul(source: Source, node: number): MatmulKernel {
  const { shape, dtype, srcs } = source.nodes[node]!;
  const x = source.nodes[srcs[0]!]!;
  const rank = shape.length;
  const depth = x.shape.at(-1)!;
  // Loops: batch dims, rows, columns, depth; those of size 1 too, so that each kind has its own.
  const first = [...shape, depth];
  const kinds = first.map((_, i) => (i < rank - 2 ? 0 : i - (rank - 2) + 1));
  const counts = [0, 0, 0, 0];
  let found: { a: Expression; b: Expression } | undefined;
  const kernel = overLoops(
    first.map((size) => ({ size, reduces: false })),
    (nest, positions) => {
      const count = nest.length;
      const builder = builderFor(source, nest);
      const operand = (src: number, row: Affine, column: Affine): Expression => {
        const from = source.nodes[src]!.shape;
        const lead = positions.slice(0, rank - 2).slice(rank - from.length);
        const coordinates = [...lead, row, column].map((a, i) => (from[i] === 1 ? constant(0, count) : a));
        return builder.value(src, coordinates);
      };
      found = {
        a: operand(srcs[0]!, positions[rank - 2]!, positions[rank]!),
        b: operand(srcs[1]!, positions[rank]!, positions[rank - 1]!),
      };
      counts.fill(0);
      positions.forEach((affine, i) => (counts[kinds[i]!]! += affine.strides.filter((stride) => stride !== 0).length));
      return { kind: "loop", loops: nest, reductions: [], body: [], tail: [], zeroed: [], isTail: false };
    },
  );
  const [batch, rows, columns, deep] = counts as [number, number, number, number];
  const { a, b } = found!;
  if (a.kind !== "load" || b.kind !== "load") throw new BuildFailure(null, node);
  const loops = kernel.loops.map((loop) => loop.size);
  return { kind: "matmul", dtype, loops, batch, rows, columns, depth: deep, a: a.place, b: b.place, out: node };
}
