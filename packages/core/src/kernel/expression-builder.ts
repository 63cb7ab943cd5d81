import type { ProgramNode } from "../program/program.js";
import type { BinaryName, MoveName, UnaryName } from "../program/vocabulary.js";
import type { Shape } from "../shape.js";
import { addScaled, type Affine, constant, moved, sameAffine, scaled } from "./affine.js";
import { type Cut, takeApart } from "./digits.js";
import type { Expression } from "./expression.js";

/** Why an expression could not be built over some loops, and what would help. */
export class BuildFailure extends Error {
  /** A loop to cut in two. */
  readonly cut: Cut | null;
  /** A view whose source must be stored, since no affine number leads through it; -1 for a conflict. */
  readonly node: number;
  constructor(cut: Cut | null, node: number) {
    super("the loops do not fit");
    this.cut = cut;
    this.node = node;
  }
}

/** The Program as the builder sees it. */
export interface Source {
  readonly nodes: readonly ProgramNode[];
  /** Whether a value is in memory (an input, or written by a Kernel), to be loaded rather than computed. */
  isStored(node: number): boolean;
}

/** The number of an element in row-major order, from its coordinates. */
export function linear(coordinates: readonly Affine[], shape: Shape, loops: number): Affine {
  let sum: Affine | null = null;
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] === 1) continue;
    const at = coordinates[i]!;
    sum = sum === null ? at : addScaled(sum, at, stride);
    stride *= shape[i]!;
  }
  return sum ?? constant(0, loops);
}

/** Coordinates in a source that is broadcast to the shape that `coordinates` belong to. */
function broadcastTo(coordinates: readonly Affine[], from: Shape, loops: number): Affine[] {
  const lead = coordinates.length - from.length;
  return from.map((size, i) => (size === 1 ? constant(0, loops) : coordinates[lead + i]!));
}

/** The coordinates that each movement op reads its source at. */
type Follow = (
  builder: ExpressionBuilder,
  node: ProgramNode,
  from: Shape,
  at: readonly Affine[],
) => Affine[] | Cut | null;

const follow: Record<Exclude<MoveName, "unslice">, Follow> = {
  reshape: (builder, node, from, at) => builder.unflatten(linear(at, node.shape, builder.sizes.length), from),
  permute: (_, { attrs }, from, at) => {
    const coordinates = new Array<Affine>(from.length);
    attrs.forEach((dim, i) => (coordinates[dim] = at[i]!));
    return coordinates;
  },
  expand: (builder, _, from, at) => broadcastTo(at, from, builder.sizes.length),
  flip: (_, { attrs }, from, at) => at.map((a, i) => (attrs.includes(i) ? scaled(a, -1, from[i]! - 1) : a)),
  slice: (_, { attrs, srcs }, __, at) =>
    at.map((a, i) => (i === attrs[0] ? moved(scaled(a, attrs[2]!, 0), srcs[1]!) : a)),
  windows: (_, { attrs }, __, at) => {
    const [dim, , step, dilation] = attrs as [number, number, number, number];
    const place = addScaled(scaled(at[dim]!, step, 0), at[dim + 1]!, dilation);
    return at.toSpliced(dim, 2, place);
  },
};

/** An expression, and the coordinates, or the number, of the element that it is. */
interface Made {
  readonly at: readonly Affine[];
  readonly expression: Expression;
}

function find(list: readonly Made[] | undefined, at: readonly Affine[]): Expression | undefined {
  if (list === undefined) return undefined;
  for (const made of list) {
    let k = 0;
    while (k < at.length && sameAffine(made.at[k]!, at[k]!)) k++;
    if (k === at.length) return made.expression;
  }
  return undefined;
}

function keep(lists: Map<number, Made[]>, node: number, at: readonly Affine[], expression: Expression): Expression {
  const list = lists.get(node);
  if (list === undefined) lists.set(node, [{ at, expression }]);
  else list.push({ at, expression });
  return expression;
}

const nowhere: readonly Affine[] = [];

/** Writes what Nodes compute as expressions over one loop nest. A value met twice at one place is one expression. */
export class ExpressionBuilder {
  /** Turns of each loop. */
  readonly sizes: readonly number[];
  private readonly source: Source;
  /** By Node: what was computed, and read from memory. */
  private readonly made = new Map<number, Made[]>();
  private readonly loads = new Map<number, Made[]>();
  /** What was computed late, and may hold totals. */
  private readonly madeLate = new Map<number, Made[]>();
  /** Values that the same loops compute, by Node: their expression, and the only place where it may be read. */
  private readonly own = new Map<number, { at: Affine; expression: Expression; late: boolean }>();
  /** Whether what is built now is computed after the loops that reduce, and may read their totals. */
  late = false;

  constructor(source: Source, sizes: readonly number[]) {
    this.source = source;
    this.sizes = sizes;
  }

  /** Makes a value of these loops known: reading it where it is made takes it from a register. */
  provide(node: number, at: Affine, expression: Expression, late: boolean): void {
    this.own.set(node, { at, expression, late });
  }

  /** The value of a Node at coordinates. */
  value(node: number, at: readonly Affine[]): Expression {
    const { op, shape, dtype, attrs } = this.source.nodes[node]!;
    if (op === "scalar") {
      const known = find(this.made.get(node), nowhere);
      if (known !== undefined) return known;
      // One that came with lowering has its number with it.
      const [value] = attrs;
      const expression: Expression =
        value === undefined ? { kind: "scalar", dtype, node } : { kind: "number", dtype, value };
      return keep(this.made, node, nowhere, expression);
    }
    if (this.own.has(node) || this.source.isStored(node)) return this.read(node, linear(at, shape, this.sizes.length));
    const known = find(this.made.get(node), at) ?? (this.late ? find(this.madeLate.get(node), at) : undefined);
    return known ?? keep(this.late ? this.madeLate : this.made, node, at, this.compute(node, at));
  }

  /** What a Node computes at coordinates, also if its value is stored. */
  compute(node: number, at: readonly Affine[]): Expression {
    const { op, shape, dtype, srcs, attrs } = this.source.nodes[node]!;
    const count = this.sizes.length;
    const operand = (k: number): Expression => {
      const src = srcs[k]!;
      return this.value(src, broadcastTo(at, this.source.nodes[src]!.shape, count));
    };
    if (op === "reshape") {
      // Views of a stored value are read at its elements' numbers, whatever its shape.
      const isKnown = (from: number): boolean => this.source.isStored(from) || this.own.has(from);
      let from = srcs[0]!;
      while (this.source.nodes[from]!.op === "reshape" && !isKnown(from)) from = this.source.nodes[from]!.srcs[0]!;
      if (isKnown(from)) return this.read(from, linear(at, shape, count));
    }
    if (op in follow) {
      const src = srcs[0]!;
      const from = follow[op as keyof typeof follow](this, this.source.nodes[node]!, this.source.nodes[src]!.shape, at);
      if (from === null || !Array.isArray(from)) throw new BuildFailure(from, node);
      return this.value(src, from);
    }
    switch (op) {
      case "copy":
        return operand(0);
      case "iota":
        return { kind: "index", dtype, at: at[0]! };
      case "uniform":
        return { kind: "uniform", dtype, key: operand(0), counter: operand(1), at: linear(at, shape, count) };
      case "where":
        return { kind: "where", dtype, condition: operand(0), x: operand(1), y: operand(2) };
      default:
        if (attrs.length === 0 || srcs.length > 0) {
          if (srcs.length === 1) return { kind: "unary", dtype, name: op as UnaryName, x: operand(0) };
          if (srcs.length === 2) return { kind: "binary", dtype, name: op as BinaryName, x: operand(0), y: operand(1) };
        }
        throw new BuildFailure(null, node);
    }
  }

  /** The coordinates in `shape` of the element with a number; a Cut or null if loops do not fit. */
  unflatten(number: Affine, shape: Shape): Affine[] | Cut | null {
    const coordinates = new Array<Affine>(shape.length);
    let rest = number;
    let first = shape.findIndex((size) => size !== 1);
    if (first < 0) first = 0;
    for (let i = shape.length - 1; i >= 0; i--) {
      if (shape[i] === 1) coordinates[i] = constant(0, this.sizes.length);
      else if (i === first) coordinates[i] = rest;
      else {
        const parts = takeApart(rest, shape[i]!, this.sizes);
        if (parts === null || !Array.isArray(parts)) return parts;
        [rest, coordinates[i]] = parts;
      }
    }
    return coordinates;
  }

  private read(node: number, at: Affine): Expression {
    const own = this.own.get(node);
    if (own !== undefined) {
      if (own.late !== this.late || !sameAffine(own.at, at)) throw new BuildFailure(null, -1);
      return own.expression;
    }
    const coordinates = [at];
    const known = find(this.loads.get(node), coordinates);
    if (known !== undefined) return known;
    const { dtype } = this.source.nodes[node]!;
    return keep(this.loads, node, coordinates, { kind: "load", dtype, place: { value: node, at } });
  }
}
