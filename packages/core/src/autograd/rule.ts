import type { Node } from "../program/node.js";
import type { Shape } from "../shape.js";
import type { Tensor } from "../tensor.js";

/**
 * One use of an op, as its gradient rules see it. Rules destructure what they need; `out` and the inputs are the values
 * of the forward pass and carry their own graph, so rules differentiate again.
 */
export interface Application {
  /** The gradient of the result, of the result's shape. */
  readonly grad: Tensor;
  readonly out: Tensor;
  readonly x: Tensor;
  readonly y: Tensor;
  readonly z: Tensor;
  /** Which input the gradient is asked for. */
  readonly index: number;
  readonly attrs: readonly number[];
  /** Shape of the input that the gradient is asked for. */
  readonly shape: Shape;
  /** @internal */
  readonly node: Node;
}

/**
 * The gradient of one input of an op, written with tensor methods. It may have the broadcast shape and another float
 * dtype: the driver sums and casts it to the input's.
 */
export type GradientRule = (application: Application) => Tensor;
