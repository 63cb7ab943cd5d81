import { isGradEnabled, withGrad } from "../autograd/mode.js";
import type { ClosedFormBackward, GradientRule } from "../autograd/rule.js";
import { isFloat } from "../dtype.js";
import type { Op } from "../program/node.js";
import { apply, type Tensor } from "../tensor.js";

/**
 * Records a composite whose gradient is written out, where its parts would differentiate at a higher price or less
 * stably than the whole (sigmoid, softmax). `parts` computes what the last primitive, `op`, is applied to; the rules of
 * `op` are those of the whole: their x, y, … are `inputs`, and their attrs are `attrs`.
 */
export function closedForm(
  op: Op<GradientRule>,
  inputs: readonly Tensor[],
  parts: () => readonly Tensor[],
  attrs: readonly number[] = [],
): Tensor {
  const [out, wanted] = withGrad(false, () => {
    const [first, ...rest] = parts();
    return [
      apply(op, [first!, ...rest], attrs, first!.shape, first!.dtype),
      inputs.some((input) => input.requiresGrad),
    ] as const;
  });
  attach(out, inputs, wanted);
  return out;
}

/**
 * Records a composite whose gradients are given as a function of its own gradient, its result and its inputs, where no
 * primitive's rules could stand for the whole (a convolution). `parts` must make its result anew. Gradients of inputs
 * that require none may be null.
 */
export function closedFormOf(
  inputs: readonly Tensor[],
  parts: () => Tensor,
  gradients: ClosedFormBackward["run"],
): Tensor {
  const out = withGrad(false, parts);
  const wanted = inputs.some((input) => input.requiresGrad);
  if (attach(out, inputs, wanted)) {
    const backward: ClosedFormBackward = { kind: "closedForm", run: gradients };
    out.node.backward = backward;
  }
  return out;
}

/** Makes `inputs` what the gradient of `out` flows to, if it is wanted; says whether it is. */
function attach(out: Tensor, inputs: readonly Tensor[], wanted: boolean): boolean {
  if (!wanted || !isGradEnabled() || !isFloat(out.dtype)) return false;
  out.node.requiresGrad = true;
  out.node.parents = inputs.map((input) => input.node);
  return true;
}
