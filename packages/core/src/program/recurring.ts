import type { Handler } from "../reference/kernel.js";
import type { RecurCompiler } from "../wasm/recur-compiler.js";
import type { Program } from "./program.js";

/** Where a value of the body lies in turn t: from element offset + t · stride on. */
export interface Row {
  /** Which of the recurrence's sources it is in; `OWN` for the recurrence's own value. */
  readonly src: number;
  readonly offset: number;
  readonly stride: number;
}

export const OWN = -1;

/**
 * What a `recur` Node does: its value, of one dim, is memory that a body fills in turns. First some sources are copied
 * into it, each to its own offset; then the body runs `steps` times, on rows of the sources and of the memory itself,
 * and writes its results there. What one turn has written the next one reads: that is all a carry is. The body's
 * run-time numbers are the last of the sources.
 */
export interface Recurring {
  readonly steps: number;
  readonly body: Program;
  /** The body's facts as integers, as a Draft writes them: equal ones are equal bodies. */
  readonly signature: Int32Array;
  readonly starts: readonly { readonly src: number; readonly offset: number }[];
  /** For each input of the body. */
  readonly reads: readonly Row[];
  /** For each output of the body. */
  readonly writes: readonly Row[];
}

const known = new WeakMap<readonly number[], Recurring>();

/** Makes the attrs of a `recur` Node. All of it is structure, so that equal attrs mean the same. */
export function recurAttrs(recurring: Recurring): readonly number[] {
  const { steps, signature, starts, reads, writes } = recurring;
  const attrs = [steps, starts.length, reads.length, writes.length];
  for (const { src, offset } of starts) attrs.push(src, offset);
  for (const { src, offset, stride } of [...reads, ...writes]) attrs.push(src, offset, stride);
  for (let i = 0; i < signature.length; i++) attrs.push(signature[i]!);
  known.set(attrs, recurring);
  return attrs;
}

/** What a `recur` Node does, by its attrs: those that `recurAttrs` has made, not a copy. */
export function recurringOf({ attrs }: { readonly attrs: readonly number[] }): Recurring {
  return known.get(attrs)!;
}

/** How core's own backends run recurrences. */
export interface RecurSupport {
  readonly interpret: Handler;
  readonly compiler: RecurCompiler;
}

let support: RecurSupport | null = null;

/** Only `recur` sets it: programs that never recur do without the code. */
export function supportRecur(given: RecurSupport): void {
  support = given;
}

export const recurSupport = (): RecurSupport => support!;
