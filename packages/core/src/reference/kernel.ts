import type { TypedArray } from "../dtype.js";
import type { Program, ProgramNode } from "../program/program.js";
import { type Shape, sizeOf, stridesOf } from "../shape.js";

/** Computes all elements of one Node from those of its sources. */
export type Run = (out: TypedArray, srcs: readonly TypedArray[]) => void;

/** Prepares a Node for running: everything that follows from shapes is worked out once. */
export type Handler = (node: ProgramNode, srcs: readonly ProgramNode[], program: Program) => Run;

/**
 * For each element of `shape`, in order, its place in a source that is read with `strides` from `offset`; null where
 * that is the identity.
 */
export function places(shape: Shape, strides: readonly number[], offset = 0): Int32Array | null {
  const size = sizeOf(shape);
  const map = new Int32Array(size);
  const index = new Array<number>(shape.length).fill(0);
  let place = offset;
  let identity = true;
  for (let i = 0; i < size; i++) {
    map[i] = place;
    identity &&= place === i;
    for (let dim = shape.length - 1; dim >= 0; dim--) {
      place += strides[dim]!;
      if (++index[dim]! < shape[dim]!) break;
      place -= shape[dim]! * strides[dim]!;
      index[dim] = 0;
    }
  }
  return identity && size > 0 ? null : map;
}

/** Strides that read `from` as if it had the shape `to` that it broadcasts to. */
export function broadcastStrides(from: Shape, to: Shape): number[] {
  const own = stridesOf(from);
  const lead = to.length - from.length;
  return to.map((_, i) => (i < lead || from[i - lead] === 1 ? 0 : own[i - lead]!));
}
