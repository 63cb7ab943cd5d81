import { isGradEnabled, withGrad } from "../autograd/mode.js";
import type { GradientRule } from "../autograd/rule.js";
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
  if (wanted && isGradEnabled() && isFloat(out.dtype)) {
    out.node.requiresGrad = true;
    out.node.parents = inputs.map((input) => input.node);
  }
  return out;
}
