import type { DType } from "../dtype.js";
import type { BinaryName, ReduceName, UnaryName } from "../program/vocabulary.js";
import type { Affine } from "./affine.js";

/** An element of a stored value, as the loops determine it. Stored values are row-major and without gaps. */
export interface Place {
  /** The value's place in the Program's nodes. */
  readonly value: number;
  readonly at: Affine;
}

/**
 * What one turn of a Kernel's loops computes, in the words of the Program's vocabulary. Every code generator reads it.
 * Expressions are shared: one object is computed once per turn.
 */
export type Expression =
  | { readonly kind: "load"; readonly dtype: DType; readonly place: Place }
  /** A number that is part of the Program. */
  | { readonly kind: "number"; readonly dtype: DType; readonly value: number }
  /** A run-time number: the scalar Node at this place of the Program. */
  | { readonly kind: "scalar"; readonly dtype: DType; readonly node: number }
  /** A number that the loops determine (iota). */
  | { readonly kind: "index"; readonly dtype: DType; readonly at: Affine }
  /** A random number of the counter generator: element `at` of the draw named by key and counter. */
  | {
      readonly kind: "uniform";
      readonly dtype: DType;
      readonly key: Expression;
      readonly counter: Expression;
      readonly at: Affine;
    }
  | { readonly kind: "unary"; readonly dtype: DType; readonly name: UnaryName; readonly x: Expression }
  | {
      readonly kind: "binary";
      readonly dtype: DType;
      readonly name: BinaryName;
      readonly x: Expression;
      readonly y: Expression;
    }
  | {
      readonly kind: "where";
      readonly dtype: DType;
      readonly condition: Expression;
      readonly x: Expression;
      readonly y: Expression;
    }
  /** The result of a reduction of this Kernel, once its reducing loops are done. */
  | { readonly kind: "total"; readonly dtype: DType; readonly reduction: Reduction };

export interface Reduction {
  readonly name: ReduceName;
  readonly dtype: DType;
  readonly of: Expression;
  /** The number of a turn, which is the result of argmax and argmin. */
  readonly at: Affine;
  /** It is a matrix product of few terms, and adds up in its own dtype, as those do. */
  readonly isProduct: boolean;
}

/** The expressions that one is computed from. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "unary":
      return [expression.x];
    case "binary":
      return [expression.x, expression.y];
    case "where":
      return [expression.condition, expression.x, expression.y];
    case "uniform":
      return [expression.key, expression.counter];
    default:
      return [];
  }
}

/** The number that the loops give an expression directly; undefined where they do not. */
export function mapOf(expression: Expression): Affine | undefined {
  if (expression.kind === "load") return expression.place.at;
  return expression.kind === "index" || expression.kind === "uniform" ? expression.at : undefined;
}
