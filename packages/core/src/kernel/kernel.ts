import type { DType } from "../dtype.js";
import type { Expression, Place, Reduction } from "./expression.js";

/** One loop of a Kernel's nest. */
export interface Loop {
  readonly size: number;
  /** Its turns are combined into one result. */
  readonly reduces: boolean;
}

/** Writes an expression's value. */
export interface Store {
  readonly place: Place;
  readonly value: Expression;
}

/**
 * One fused loop nest: an index space, what each turn computes and writes, perhaps reductions, and what is computed from
 * their results in each turn of the loops that do not reduce.
 */
export interface LoopKernel {
  readonly kind: "loop";
  readonly loops: readonly Loop[];
  readonly reductions: readonly Reduction[];
  /** Written in every turn of all loops. */
  readonly body: readonly Store[];
  /** Written in every turn of the loops that do not reduce, after those that do. */
  readonly tail: readonly Store[];
  /** Values that are zeroed before: the loops write only a part of them. */
  readonly zeroed: readonly number[];
  /** It is the tail of the matmul Kernel right before it: each turn reads the element of the product with its number. */
  readonly isTail: boolean;
}

/** How one matrix operand is read: row and column numbers are given by loops of their own. */
export interface MatmulKernel {
  readonly kind: "matmul";
  readonly dtype: DType;
  /** Sizes of the loops; those of `a` and `b` follow the same order. */
  readonly loops: readonly number[];
  /** How many of the loops count batches, rows, columns and depth, in this order. */
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly a: Place;
  readonly b: Place;
  /** The value written, row-major: batches, rows, columns. */
  readonly out: number;
}

/** A primitive that no loop nest expresses: reading and writing by index, running sums, sorting. */
export interface NodeKernel {
  readonly kind: "node";
  readonly node: number;
}

export type Kernel = LoopKernel | MatmulKernel | NodeKernel;
