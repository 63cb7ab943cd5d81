import type { DType } from "../dtype.js";
import type { Shape } from "../shape.js";
import type { Tensor } from "../tensor.js";

/** One way to use an op, for every test that goes through all ops: gradcheck, conformance of a backend, properties. */
export interface OpCase {
  /** Applies the op to tensors of `shapes`. */
  readonly run: (...inputs: Tensor[]) => Tensor | readonly Tensor[];
  readonly shapes: readonly Shape[];
  /** Elements are drawn from here; default [-2, 2]. Keep away from kinks and poles, which random points must not meet. */
  readonly range?: readonly [number, number];
  /** False where mathematics has no gradient. */
  readonly differentiable?: false;
  /** The dtypes that the op takes; default float32 and float64. What takes float32 takes float16 too. */
  readonly dtypes?: readonly DType[];
  /** False where float16 is refused. */
  readonly half?: boolean;
}

/** A case, or several, for everything that a family of ops exports: a forgotten one does not compile. */
export type OpCases<Family> = { readonly [Name in keyof Family]: OpCase | readonly OpCase[] };
