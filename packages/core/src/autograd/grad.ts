import { checkOptions, GradientError, show } from "../errors.js";
import { zeros } from "../creation.js";
import { flushRelated } from "../program/flush.js";
import { nextMark } from "../program/node.js";
import { isInside } from "../program/scope.js";
import { text } from "../shape.js";
import { composite, Tensor } from "../tensor.js";
import { withGrad } from "./mode.js";
import { propagate } from "./propagate.js";
import { own, seed } from "./seed.js";

/** The options of `grad`. */
export interface GradOptions {
  /** Gradients of `outputs`; may be left out, or null, for outputs of one element. */
  readonly gradOutputs?: Tensor | null | readonly (Tensor | null | undefined)[];
  /** Record the backward pass too, for derivatives of higher order. */
  readonly createGraph?: boolean;
  /** Keep the graph for another backward. Default: `createGraph`. */
  readonly retainGraph?: boolean;
  /** Give null for inputs that the outputs do not depend on, where it otherwise throws. */
  readonly allowUnused?: boolean;
  /** Give zeros for inputs that the outputs do not depend on. */
  readonly materializeGrads?: boolean;
}

/** One tensor or several. */
export type Tensors = Tensor | readonly Tensor[];

/** @internal Checks that an argument is a tensor or a list of them, and makes it a list. */
export function listOf(where: string, name: string, tensors: unknown): readonly Tensor[] {
  const list: readonly unknown[] = Array.isArray(tensors) ? tensors : [tensors];
  for (const item of list) {
    if (!(item instanceof Tensor))
      throw new GradientError(`${where}: ${name} must be a tensor or an array of tensors, got ${show(tensors)}`);
  }
  return list as readonly Tensor[];
}

/** With `allowUnused` a gradient may be null. */
interface Grad {
  (
    outputs: Tensors,
    inputs: Tensors,
    options: GradOptions & { readonly allowUnused: true; readonly materializeGrads?: false },
  ): (Tensor | null)[];
  (outputs: Tensors, inputs: Tensors, options?: GradOptions): Tensor[];
}

/**
 * Computes the gradients of the sum of `outputs` with respect to `inputs`, one each, and leaves every `.grad` alone.
 * Same as torch.autograd.grad.
 *
 * @throws GradientError when an input does not require gradients, or is not part of the graph and `allowUnused` is not set.
 *
 * @example
 * const x = tensor([1, 2, 3], { requiresGrad: true });
 * const [slope] = grad(x.pow(3).sum(), x, { createGraph: true }); // the slope of x³, 3x²
 * const [curve] = grad(slope!.sum(), x);
 * console.log(curve); // tensor([ 6., 12., 18.])
 */
export const grad: Grad = ((outputs: Tensors, inputs: Tensors, options: GradOptions = {}): (Tensor | null)[] => {
  const results = compute(outputs, inputs, options);
  if (!isInside() && options.createGraph !== true) {
    // As after backward: a loop that descends by hand repeats one Program.
    const carried = listOf("grad", "inputs", inputs).find((input) => input.isLeaf && !input.node.isLeaf);
    if (carried)
      flushRelated(
        carried.device,
        results.filter((result) => result !== null).map((result) => result.node),
      );
  }
  return results;
}) as Grad;

const compute = composite((outputs: Tensors, inputs: Tensors, options: GradOptions): (Tensor | null)[] => {
  checkOptions("grad", options, ["gradOutputs", "createGraph", "retainGraph", "allowUnused", "materializeGrads"]);
  const roots = listOf("grad", "outputs", outputs);
  const wanted = listOf("grad", "inputs", inputs);
  const { gradOutputs, createGraph = false, retainGraph = createGraph, materializeGrads = false } = options;
  const { allowUnused = materializeGrads } = options;
  const given: readonly unknown[] = Array.isArray(gradOutputs)
    ? gradOutputs
    : gradOutputs
      ? [gradOutputs]
      : roots.map(() => null);
  if (given.length !== roots.length) {
    throw new GradientError(
      `grad: ${roots.length} outputs and ${given.length} gradOutputs`,
      "give one per output, or null for outputs of one element",
    );
  }
  wanted.forEach((input, i) => {
    if (!input.requiresGrad) {
      throw new GradientError(
        `grad: inputs[${i}] of shape ${text(input.shape)} does not require gradients`,
        "make it with { requiresGrad: true } before the outputs are computed",
      );
    }
  });
  if (roots.length === 0) throw new GradientError("grad: needs at least one output");
  return withGrad(createGraph, () => {
    const seeds = roots.map((root, i) => seed("grad", root, given[i], `outputs[${i}]`));
    const { at } = propagate(
      roots.map((root) => root.node),
      seeds,
      new Set(wanted.map((input) => input.node)),
      retainGraph,
    );
    const taken = nextMark();
    return wanted.map((input, i) => {
      const found = at.get(input.node);
      if (found !== undefined) return own(found, taken);
      if (materializeGrads) return zeros(input.shape, { dtype: input.dtype, device: input.device });
      if (allowUnused) return null;
      throw new GradientError(
        `grad: inputs[${i}] of shape ${text(input.shape)} is not part of the graph of the outputs`,
        "pass { allowUnused: true } to get null for it; or take the gradient of the tensor that was used, not of a view made later",
      );
    });
  });
});
