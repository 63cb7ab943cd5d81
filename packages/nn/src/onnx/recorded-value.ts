import { DownhillError, type DType } from "@downhill/core";
import type { GraphBuilder } from "./graph-builder.js";
import { elementCode } from "./messages.js";
import type { RecordedNode } from "./recording.js";
import type { Varying } from "./varying.js";

/** A value to be exported: what made it, with what is known of its numbers at all sizes, and its sources by name. */
export interface RecordedValue {
  readonly node: RecordedNode;
  readonly shape: readonly Varying[];
  /** An attr of what made it. */
  attr(k: number): Varying;
  /** The sources, as names in the graph. */
  readonly names: readonly string[];
  readonly sources: readonly Omit<RecordedValue, "sources" | "names">[];
  /** Throws: says what has no counterpart, and where. */
  refuse(why: string): never;
}

/** How an op is written. */
export type WriteOp = (graph: GraphBuilder, value: RecordedValue) => string;

/** Converts a value, if it has to be. */
export const as = (graph: GraphBuilder, name: string, from: DType, to: DType): string =>
  from === to ? name : graph.cast(name, to, elementCode[to]);

/** Whether two sizes are the same at all sizes of the axes. */
export const alike = (a: Varying, b: Varying): boolean => JSON.stringify(a) === JSON.stringify(b);

/** A size that must not vary. */
export function fixed(value: RecordedValue, size: Varying, what: string): number {
  return typeof size === "number" ? size : value.refuse(`${what} varies with ${size.axes.join(" and ")}`);
}

/** Broadcasts a value of one shape to another. Sizes that stay need not be known. */
export function expanded(graph: GraphBuilder, name: string, from: readonly Varying[], to: readonly Varying[]): string {
  const before = to.map((size, i): Varying => from[i - (to.length - from.length)] ?? 1);
  if (from.length === to.length && to.every((size, i) => alike(size, before[i]!))) return name;
  const sizes = to.map((size, i) => (alike(size, before[i]!) ? 1 : size));
  return graph.add("Expand", [name, graph.sizes(sizes)]);
}

/** Gives a value another shape. One size may vary without being known. */
export function reshaped(graph: GraphBuilder, name: string, to: readonly Varying[]): string {
  const varying = to.filter((size) => typeof size !== "number").length;
  const sizes = varying === 1 ? to.map((size) => (typeof size === "number" ? size : -1)) : to;
  return graph.add("Reshape", [name, graph.sizes(sizes)]);
}

/** An error of the export. */
export const refused = (message: string, hint?: string): DownhillError =>
  new DownhillError(`exportOnnx: ${message}`, hint);
