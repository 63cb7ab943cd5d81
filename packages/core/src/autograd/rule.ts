import type { Backward, Node } from "../program/node.js";
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

/** Gradients of a Node's parents all at once, in place of its op's rules: a composite whose derivative is written out. */
export interface ClosedFormBackward extends Backward {
  readonly kind: "closedForm";
  run(grad: Tensor, out: Tensor, ...inputs: Tensor[]): readonly (Tensor | null)[];
}

/**
 * The call of a custom function in the graph: a Node older than its outputs, with the inputs as `parents`. As ids
 * descend, it comes after those of its outputs that a pass meets, and so runs once for all of them.
 */
export interface FunctionBackward extends Backward {
  readonly kind: "function";
  /** The class. */
  readonly name: string;
  /** Gradients for the parents, given those of the outputs; `value` gives the value that a saved Node stands for. */
  run(grads: ReadonlyMap<number, Tensor>, value: (node: Node) => Node): readonly (Tensor | null)[];
}

/** Output `index` of the custom function whose call is the Node's only parent. */
export interface OutputBackward extends Backward {
  readonly kind: "output";
  readonly index: number;
}
