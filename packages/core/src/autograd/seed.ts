import { GradientError, show, ShapeError } from "../errors.js";
import { cast } from "../ops/cast.js";
import { toExpanded } from "../ops/view.js";
import type { Node } from "../program/node.js";
import { sameShape, text } from "../shape.js";
import { apply, COPY, scalar, Tensor } from "../tensor.js";

/** Checks the gradient that a backward pass starts from; one element starts from 1. `name` says what `root` is. */
export function seed(where: string, root: Tensor, given: unknown, name = "the tensor"): Tensor {
  if (!root.requiresGrad) {
    throw new GradientError(
      `${where}: ${name} of shape ${text(root.shape)} and dtype ${root.dtype} does not require gradients and has no graph`,
      "make the parameters with { requiresGrad: true }, and compute outside noGrad",
    );
  }
  if (given === undefined || given === null) {
    if (root.numel() !== 1) {
      throw new GradientError(
        `${where}: a gradient is made up only for one element, ${name} has shape ${text(root.shape)}`,
        where === "backward"
          ? "reduce it (loss.mean()), or pass one: x.backward(gradient)"
          : "reduce it (loss.mean()), or pass { gradOutputs }",
      );
    }
    return toExpanded(scalar(1, root.dtype, root.device), root.shape);
  }
  if (!(given instanceof Tensor)) {
    const hint =
      where === "backward" && typeof given === "object"
        ? "options come second: loss.backward(undefined, { retainGraph: true })"
        : undefined;
    throw new GradientError(`${where}: the gradient of ${name} must be a tensor, got ${show(given)}`, hint);
  }
  if (!sameShape(given.shape, root.shape)) {
    throw new ShapeError(`${where}: the gradient has shape ${text(given.shape)}, ${name} has ${text(root.shape)}`);
  }
  return cast(given, root.dtype);
}

/** A gradient as a tensor object of its own, for a hook or for `own`. */
export function gradient(node: Node): Tensor {
  const result = new Tensor(node);
  result.isGradient = true;
  return result;
}

/**
 * A gradient as a value of its own: two leaves may get the very same one, or one that the caller has passed. Those that
 * have been given out carry the mark `taken`.
 */
export function own(grad: Tensor, taken: number): Tensor {
  let { node } = grad;
  if (node.visible || node.isScalar || node.variable !== null || node.mark === taken) {
    ({ node } = apply(COPY, [grad], [], grad.shape, grad.dtype));
  }
  node.mark = taken;
  return gradient(node);
}
