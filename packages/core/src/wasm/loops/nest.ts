import { type DType, isFloat } from "../../dtype.js";
import type { Affine } from "../../kernel/affine.js";
import { type Expression, mapOf, partsOf, type Reduction } from "../../kernel/expression.js";
import type { Loop, LoopKernel } from "../../kernel/kernel.js";
import { isArg } from "./reduction.js";

/** A Kernel's loops in the order they are nested, and how it is turned into vectors. */
export interface Nest {
  /** From outside to inside; those that reduce are inside of those that do not. */
  readonly loops: readonly Loop[];
  /** How many do not reduce. */
  readonly kept: number;
  /** Which loop counts in vectors; -1 for none. */
  readonly vector: number;
  /** Elements of a vector. */
  readonly width: 4 | 2 | 1;
  /** Vectors that one turn of the vector loop handles. */
  readonly copies: number;
  /** From this level on, loops of up to `unrolled` turns are written out. */
  readonly writtenOut: number;
  /** Every expression, each after what it is computed from. */
  readonly expressions: readonly Expression[];
  /** The strides of an affine number in the order of `loops`. */
  stridesOf(at: Affine): readonly number[];
  /** The expressions that are known once so many loops have been entered, and not before. */
  knownAt(level: number): readonly Expression[];
  /** How many loops must be entered before an expression is known. */
  levelOf(expression: Expression): number;
  /** Whether an expression differs from lane to lane. */
  varies(expression: Expression): boolean;
  /** Whether an expression needs the total of a reduction. */
  isLate(expression: Expression): boolean;
}

/** Every expression of a Kernel, each after its parts. */
export function expressionsOf(kernel: LoopKernel): Expression[] {
  const order: Expression[] = [];
  const met = new Set<Expression>();
  const visit = (expression: Expression): void => {
    if (met.has(expression)) return;
    met.add(expression);
    for (const part of partsOf(expression)) visit(part);
    order.push(expression);
  };
  for (const { of } of kernel.reductions) visit(of);
  for (const { value } of kernel.body) visit(value);
  for (const { value } of kernel.tail) visit(value);
  return order;
}

/** Joins neighbouring loops wherever every map steps through both as through one. Returns the loops that were first in theirs. */
function join(loops: readonly Loop[], maps: readonly Affine[]): { loops: Loop[]; from: number[] } {
  const joined: Loop[] = [];
  const from: number[] = [];
  loops.forEach((loop, i) => {
    const last = joined.at(-1);
    const follows = ({ strides }: Affine): boolean => strides[i - 1] === (strides[i] ?? 0) * loop.size;
    if (last?.reduces === loop.reduces && maps.every(follows)) {
      joined[joined.length - 1] = { size: last.size * loop.size, reduces: loop.reduces };
      from[from.length - 1] = i;
    } else {
      joined.push(loop);
      from.push(i);
    }
  });
  return { loops: joined, from };
}

/** Lanes that all dtypes of a Kernel can be computed in together. */
function widthFor(expressions: readonly Expression[], stored: readonly DType[]): 4 | 2 | 1 {
  const dtypes = new Set(expressions.map((expression) => expression.dtype));
  if (!dtypes.has("float64")) return 4;
  // Doubles come in pairs; beside other dtypes, one at a time. Conditions are fine as long as they stay in registers.
  const others = [...dtypes, ...stored].some((dtype) => dtype !== "float64" && dtype !== "bool");
  const bools =
    stored.includes("bool") ||
    expressions.some(({ kind, dtype }) => dtype === "bool" && (kind === "load" || kind === "scalar"));
  return others || bools ? 1 : 2;
}

/** Loops of so few turns are written out, as long as no more than so many expressions are written in all. */
export const unrolled: number = 3;
const mostWritten = 200;

function firstWrittenOut(loops: readonly Loop[], vector: number, expressions: number): number {
  let written = expressions;
  let level = loops.length;
  for (; level > 0; level--) {
    const { size } = loops[level - 1]!;
    if (level - 1 === vector || size > unrolled) continue;
    written *= size;
    if (written > mostWritten) break;
  }
  return level;
}

const shortLine = 16;

/** Plans the loop nest of a Kernel for vectors of up to 16 bytes, or without them. */
export function planNest(kernel: LoopKernel, simd: boolean): Nest {
  const expressions = expressionsOf(kernel);
  const args = kernel.reductions.filter(isArg);
  const places = [...kernel.body, ...kernel.tail].map((store) => store.place.at);
  const maps = [
    ...expressions.flatMap((expression) => mapOf(expression) ?? []),
    ...places,
    ...args.map((reduction) => reduction.at),
  ];
  const { loops, from } = join(kernel.loops, maps);
  const stored = [...kernel.body, ...kernel.tail].map((store) => store.value.dtype);
  const width = simd ? widthFor(expressions, [...stored, ...kernel.reductions.map((reduction) => reduction.dtype)]) : 1;

  const strideOf = (at: Affine, loop: number): number => at.strides[from[loop]!]!;
  let vector = -1;
  let best = -Infinity;
  loops.forEach((loop, i) => {
    if (width === 1 || loop.size < width) return;
    // Turns must be met in order, for the first of equal terms to win.
    if (loop.reduces && args.length > 0) return;
    let score = Math.min(loop.size, 16) / 100 + i / 1000;
    const written = loop.reduces ? kernel.body : [...kernel.body, ...kernel.tail];
    for (const { place } of written) {
      const stride = strideOf(place.at, i);
      if (stride === 0) return;
      // Lane by lane, unless they are neighbours.
      score += stride === 1 ? 2 : -3;
    }
    for (const expression of expressions) {
      if (expression.kind !== "load") continue;
      const stride = strideOf(expression.place.at, i);
      score += stride === 1 ? 2 : stride === 0 ? 0 : -2;
    }
    // Bringing the lanes of so few terms together costs more than reading those of neighbouring lines one by one.
    if (loop.reduces && loop.size < shortLine) score -= 5;
    if (score > best) [best, vector] = [score, i];
  });
  const order = [...loops.keys()].filter((i) => i !== vector && !loops[i]!.reduces);
  const reducing = [...loops.keys()].filter((i) => i !== vector && loops[i]!.reduces);
  const inner = vector >= 0 && loops[vector]!.reduces;
  if (vector >= 0 && !inner) order.push(vector);
  const kept = order.length;
  order.push(...reducing);
  if (inner) order.push(vector);
  const at = order.indexOf(vector);

  const levels = new Map<Expression, number>();
  const atLevel: Expression[][] = Array.from({ length: loops.length + 1 }, () => []);
  const varying = new Set<Expression>();
  const late = new Set<Expression>();
  const known = new Map<Affine, number[]>();
  const stridesOf = (map: Affine): number[] => {
    let strides = known.get(map);
    if (strides === undefined) known.set(map, (strides = order.map((loop) => strideOf(map, loop))));
    return strides;
  };
  for (const expression of expressions) {
    const map = mapOf(expression);
    let level = 0;
    if (map !== undefined) {
      const strides = stridesOf(map);
      level = strides.findLastIndex((stride) => stride !== 0) + 1;
      if (at >= 0 && strides[at] !== 0) varying.add(expression);
    }
    if (expression.kind === "total") {
      level = kept;
      late.add(expression);
      if (at >= 0 && at < kept) varying.add(expression);
    }
    for (const part of partsOf(expression)) {
      level = Math.max(level, levels.get(part)!);
      if (varying.has(part)) varying.add(expression);
      if (late.has(part)) late.add(expression);
    }
    levels.set(expression, level);
    atLevel[level]!.push(expression);
  }
  const size = vector < 0 ? 0 : loops[vector]!.size;
  const wide = kernel.reductions.length > 0 ? kernel.reductions.length <= 2 : expressions.length <= 5;
  const ordered = order.map((i) => loops[i]!);
  return {
    loops: ordered,
    kept,
    writtenOut: firstWrittenOut(ordered, at, expressions.length),
    vector: at,
    width: vector < 0 ? 1 : width,
    copies: vector >= 0 && wide && size >= width * 4 ? 4 : 1,
    expressions,
    stridesOf,
    knownAt: (level) => atLevel[level]!,
    levelOf: (expression) => levels.get(expression)!,
    varies: (expression) => varying.has(expression),
    isLate: (expression) => late.has(expression),
  };
}

/**
 * Whether a reduction is accumulated in float64: sums and products of floats are, as the interpreter does, since terms
 * that cancel would leave only the error of a running float32 sum.
 */
export const accumulatesInDouble = ({ name, dtype, isProduct }: Reduction): boolean =>
  isFloat(dtype) && !isProduct && (name === "sum" || name === "prod");
