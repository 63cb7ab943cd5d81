import { affineKey, scaled } from "../kernel/affine.js";
import { BuildFailure, type Source } from "../kernel/expression-builder.js";
import { type Expression, partsOf, type Place } from "../kernel/expression.js";
import type { Kernel, LoopKernel, Store } from "../kernel/kernel.js";
import { buildMatmul, buildPart, Group, KernelDraft, loopsOf, placedBy, type Root } from "./grouping.js";
import { stridesOf } from "../shape.js";
import { countOf, lower } from "./lower.js";
import type { Program, ProgramNode } from "./program.js";
import { chooseStored, dividesIntegers, isLeaf, isOwnKernel, isReduction, mayFail, places } from "./stored-values.js";

/** A Program as Kernels in the order they run. */
export interface Schedule {
  /** The Program that the Kernels are of: with fewer kinds of Nodes than the one that was recorded. */
  readonly program: Program;
  readonly kernels: readonly Kernel[];
  /** Values that are written right into the memory of the input (by its Node) that they overwrite. */
  readonly inPlace: ReadonlyMap<number, number>;
  /** Values that are copied over the input that they overwrite once all Kernels have run. */
  readonly copied: ReadonlyMap<number, number>;
}

/** Loop nests compute at most this many stored values at once. */
const mostRoots = 12;

/** How many Groups are asked whether a value may join. */
const mostTries = 8;

/** How many of the newest Groups are looked at. */
const lookBack = 64;

/** Schedules and fuses a Program; `packed`: values in memory may be float16. */
export function schedule(recorded: Program, fuse = true, packed = false): Schedule {
  const program = lower(recorded, packed);
  const stored = chooseStored(program);
  if (!fuse) program.nodes.forEach((node, place) => !isLeaf(node) && stored.add(place));
  for (;;) {
    try {
      return new Scheduler(program, stored, fuse).run();
    } catch (error) {
      if (!(error instanceof BuildFailure) || error.node < 0) throw error;
      const source = program.nodes[error.node]!.srcs[0]!;
      if (stored.has(source)) throw error;
      stored.add(source);
    }
  }
}

class Scheduler implements Source {
  readonly nodes: readonly ProgramNode[];
  private readonly program: Program;
  private readonly stored: ReadonlySet<number>;
  private readonly fuse: boolean;
  private readonly groups: Group[] = [];
  private readonly groupOf = new Map<number, Group>();
  /** Which Groups read a value in memory. */
  private readonly readers = new Map<number, Set<Group>>();

  constructor(program: Program, stored: ReadonlySet<number>, fuse: boolean) {
    this.program = program;
    this.nodes = program.nodes;
    this.stored = stored;
    this.fuse = fuse;
  }

  isStored(node: number): boolean {
    return this.stored.has(node) || this.nodes[node]!.op === "buffer";
  }

  run(): Schedule {
    for (let node = 0; node < this.nodes.length; node++) {
      if (this.stored.has(node) && !isLeaf(this.nodes[node]!)) this.place(node);
    }
    this.finish();
    const { inPlace, copied } = this.settleOverwrites();
    this.attachTails();
    return { program: this.program, kernels: this.order().flatMap((group) => group.kernels), inPlace, copied };
  }

  /** Finds the Group that computes a value, or makes one. */
  private place(node: number): void {
    const needs = this.needsOf(node);
    let group = this.fuse && !isOwnKernel(this.nodes[node]!) ? this.join(node, needs) : null;
    if (group === null) {
      const root: Root = { node, role: isReduction(this.nodes[node]!) ? "reduction" : "body" };
      group = new Group(loopsOf(this.nodes, this.nodes[node]!));
      group.roots.push(root);
      if (isOwnKernel(this.nodes[node]!)) group.closed = true;
      else group.draft = new KernelDraft(this, group.loops).with(root);
      this.groups.push(group);
    }
    group.need(needs);
    this.groupOf.set(node, group);
  }

  private join(node: number, needs: ReadonlySet<Group>): Group | null {
    let tries = 0;
    const wanted = loopsOf(this.nodes, this.nodes[node]!);
    const reduces = isReduction(this.nodes[node]!);
    const oldest = Math.max(0, this.groups.length - lookBack);
    for (let i = this.groups.length - 1; i >= oldest && tries < mostTries; i--) {
      const group = this.groups[i]!;
      if (group.closed || group.roots.length >= mostRoots) continue;
      const fit = group.fit(wanted, reduces);
      if (fit === null) continue;
      tries++;
      if ([...needs].some((other) => other !== group && reaches(other, group))) continue;
      const root: Root = { node, role: fit.role };
      try {
        group.draft = group.draft!.with(root, fit.loops);
      } catch (error) {
        if (error instanceof BuildFailure && error.node < 0) continue;
        throw error;
      }
      group.loops = fit.loops;
      group.roots.push(root);
      return group;
    }
    return null;
  }

  /** The Groups whose values a Node is computed from. */
  private needsOf(node: number): Set<Group> {
    const needs = new Set<Group>();
    const met = new Set<number>();
    const stack = [...this.nodes[node]!.srcs];
    while (stack.length > 0) {
      const src = stack.pop()!;
      if (met.has(src)) continue;
      met.add(src);
      const group = this.groupOf.get(src);
      if (group !== undefined) needs.add(group);
      else stack.push(...this.nodes[src]!.srcs);
    }
    return needs;
  }

  /** Has each Group's Kernels write only what is read outside the Group that computes it. */
  private finish(): void {
    const needed = new Set<number>(this.program.outputs.map(({ node }) => node));
    // Values that are read from memory by other Groups, or by their own Kernels.
    for (const group of this.groups) {
      group.kernels = group.draft === null ? this.kernelsOf(group.roots[0]!.node) : [group.draft.kernel];
      group.draft = null;
      for (const kernel of group.kernels) {
        for (const { value } of placesRead(kernel, this)) {
          needed.add(value);
          const readers = this.readers.get(value);
          if (readers === undefined) this.readers.set(value, new Set([group]));
          else readers.add(group);
        }
      }
    }
    const isNeeded = ({ place }: Store): boolean => needed.has(place.value);
    for (const group of this.groups) {
      if (group.closed || group.roots.every(({ node }) => needed.has(node))) continue;
      const kernel = group.kernels[0] as LoopKernel;
      group.kernels = [{ ...kernel, body: kernel.body.filter(isNeeded), tail: kernel.tail.filter(isNeeded) }];
    }
  }

  private kernelsOf(node: number): Kernel[] {
    const { op, srcs, attrs } = this.nodes[node]!;
    if (op === "matmul") return [buildMatmul(this, node)];
    if (dividesIntegers(this.nodes[node]!))
      return [new KernelDraft(this, loopsOf(this.nodes, this.nodes[node]!)).with({ node, role: "body" }).kernel];
    if (places(this.nodes, node)) {
      const { part, move } = placedBy(this, node);
      return [buildPart(this, node, part, move)];
    }
    if (op === "cat") {
      let start = 0;
      return srcs.map((src) => {
        const offset = start;
        start += this.nodes[src]!.shape[attrs[0]!]!;
        return buildPart(this, node, src, (at) => at.map((a, dim) => (dim === attrs[0] ? scaled(a, 1, offset) : a)));
      });
    }
    return [{ kind: "node", node }];
  }

  /**
   * Decides which outputs are written right over their input: where each reader of the old value runs before, or reads the
   * same element in the same turn, and all that may fail has run. The others are copied at the end.
   */
  private settleOverwrites(): { inPlace: Map<number, number>; copied: Map<number, number> } {
    const inPlace = new Map<number, number>();
    const copied = new Map<number, number>();
    const failing = this.groups.filter((group) => group.roots.some(({ node }) => mayFail(this.nodes[node]!)));
    for (const { node, overwrites } of this.program.outputs) {
      if (overwrites < 0) continue;
      const input = this.program.inputs[overwrites]!;
      const group = this.groupOf.get(node)!;
      const before = new Set([...failing, ...(this.readers.get(input) ?? [])]);
      before.delete(group);
      const direct =
        !group.closed &&
        this.readsInStep(group.kernels[0] as LoopKernel, node, input) &&
        ![...before].some((other) => reaches(other, group));
      (direct ? inPlace : copied).set(node, input);
      if (direct) group.need(before);
    }
    return { inPlace, copied };
  }

  /** Whether a Kernel reads each element of an input only in the turn that writes the same element of `node`. */
  private readsInStep(kernel: LoopKernel, node: number, input: number): boolean {
    const store = [...kernel.body, ...kernel.tail].find(({ place }) => place.value === node);
    const key = store && affineKey(store.place.at);
    return placesRead(kernel, this).every((place) => place.value !== input || affineKey(place.at) === key);
  }

  /** Has what works on a matrix product element by element (a bias, an activation, an update) run right after it. */
  private attachTails(): void {
    for (const group of this.groups) {
      if (group.closed) continue;
      const kernel = group.kernels[0] as LoopKernel;
      if (kernel.reductions.length > 0) continue;
      for (const product of group.needs) {
        const out = product.kernels[0]!;
        if (out.kind !== "matmul" || product.follower !== null || !this.isElementwise(kernel, out.out)) continue;
        const others = [...group.needs].filter((other) => other !== product);
        if (others.some((other) => reaches(other, product))) continue;
        product.need(others);
        product.follower = group;
        group.kernels = [{ ...kernel, isTail: true }];
        break;
      }
    }
  }

  /** Whether each turn of a Kernel reads, of a value with as many elements as it has turns, the one with its number. */
  private isElementwise(kernel: LoopKernel, value: number): boolean {
    const sizes = kernel.loops.map((loop) => loop.size);
    if (sizes.reduce((product, size) => product * size, 1) !== countOf(this.nodes[value]!)) return false;
    const own = affineKey({ offset: 0, strides: stridesOf(sizes), moving: [] });
    return placesRead(kernel, this).every((place) => place.value !== value || affineKey(place.at) === own);
  }

  /** Each Group after those that it needs, else in the order of the Program; the tail of a product right after it. */
  private order(): Group[] {
    const ordered: Group[] = [];
    const done = new Set<Group>();
    const visit = (root: Group): void => {
      const stack = [root];
      while (stack.length > 0) {
        const group = stack[stack.length - 1]!;
        const open = done.has(group) ? [] : [...group.needs].filter((other) => !done.has(other));
        if (open.length > 0) stack.push(...open);
        else {
          stack.pop();
          for (let next: Group | null = group; next !== null; next = next.follower) {
            if (!done.has(next)) ordered.push(next);
            done.add(next);
          }
        }
      }
    };
    this.groups.forEach(visit);
    return ordered;
  }
}

/** Whether a Group needs another, directly or not. */
function reaches(from: Group, target: Group): boolean {
  if (from === target) return true;
  const met = new Set<Group>([from]);
  for (const group of met) {
    for (const other of group.needs) {
      if (other === target) return true;
      // What needs the target comes after it.
      if (other.rank > target.rank) met.add(other);
    }
  }
  return false;
}

/** The places that a Kernel reads in memory. */
export function placesRead(kernel: Kernel, source: Source): Place[] {
  if (kernel.kind === "matmul") return [kernel.a, kernel.b];
  if (kernel.kind === "node") {
    return source.nodes[kernel.node]!.srcs.map((src) => ({
      value: valueOf(source, src),
      at: { offset: 0, strides: [], moving: [] },
    }));
  }
  const places: Place[] = [];
  const met = new Set<Expression>();
  const stack = [
    ...kernel.reductions.map((reduction) => reduction.of),
    ...kernel.body.map((store) => store.value),
    ...kernel.tail.map((store) => store.value),
  ];
  while (stack.length > 0) {
    const expression = stack.pop()!;
    if (met.has(expression)) continue;
    met.add(expression);
    if (expression.kind === "load") places.push(expression.place);
    stack.push(...partsOf(expression));
  }
  return places;
}

/** The value in memory that a source of a Node Kernel shows, in whatever shape. */
export function valueOf(source: Source, src: number): number {
  let at = src;
  while (!source.isStored(at) && source.nodes[at]!.op === "reshape") at = source.nodes[at]!.srcs[0]!;
  return at;
}
