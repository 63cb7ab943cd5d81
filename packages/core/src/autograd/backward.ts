import { checkOptions, GradientError, show } from "../errors.js";
import { expose, nextMark, type Node } from "../program/node.js";
import { trace } from "../program/trace.js";
import { flushRelated } from "../program/flush.js";
import { enter, isInside, leave } from "../program/scope.js";
import { sameShape, text } from "../shape.js";
import { Tensor } from "../tensor.js";
import { GradientChange } from "./gradient-change.js";
import { withGrad } from "./mode.js";
import { type Arrival, propagate } from "./propagate.js";
import { own, seed } from "./seed.js";

/** The options of `backward`. */
export interface BackwardOptions {
  /** Keep the graph for another backward. Default: `createGraph`. */
  readonly retainGraph?: boolean;
  /** Record the backward pass too, for derivatives of higher order. */
  readonly createGraph?: boolean;
}

const backwardOptions: readonly string[] = ["retainGraph", "createGraph"];

/**
 * Computes the gradient of this tensor with respect to every leaf that it was computed from, and adds it to their
 * `.grad`. Same as torch.Tensor.backward.
 *
 * @param gradient The gradient of this tensor; may be left out for a tensor of one element.
 * @throws GradientError without a graph, for a freed graph, or without a gradient for several elements.
 * @throws VersionError when an update has overwritten a value that the graph needs.
 *
 * @example
 * const w = tensor([1, 2], { requiresGrad: true });
 * w.mul(w).sum().backward();
 * console.log(w.grad); // tensor([2., 4.])
 */
export function backward(x: Tensor, gradient?: Tensor | null, options?: BackwardOptions): void {
  checkOptions("backward", options, backwardOptions);
  const createGraph = options?.createGraph ?? false;
  const retain = options?.retainGraph ?? createGraph;
  const outer = enter();
  let sums: Sums;
  try {
    sums = withGrad(createGraph, () => {
      const { arrivals } = propagate([x.node], [seed("backward", x, gradient)], null, retain);
      return accumulated(arrivals);
    });
  } finally {
    leave(outer);
  }
  const { totals, earlier, carried } = sums;
  // Everything has succeeded: only now do gradients change.
  const stored: Node[] = [];
  const change = new GradientChange(totals, earlier);
  if (trace === null) x.device.changes.push(change);
  for (const [variable, total] of totals) {
    variable.storeGrad(total);
    stored.push(total.node);
  }
  if (isInside()) return;
  for (let i = 0; i < stored.length; i++) expose(stored[i]!);
  // A loop that has neither a read nor an optimizer comes here with its last turn still pending: compute it, so that
  // every turn is the same Program.
  if (!carried) return;
  try {
    flushRelated(x.device, stored);
  } catch (error) {
    change.takeBack(null);
    throw error;
  }
}

interface Sums {
  /** What `.grad` of each tensor becomes. */
  readonly totals: ReadonlyMap<Tensor, Tensor>;
  /** What it was, where it was not null. */
  readonly earlier: ReadonlyMap<Tensor, Tensor> | null;
  /** Whether any of it hangs on values that an earlier turn left pending. */
  readonly carried: boolean;
}

function accumulated(arrivals: readonly Arrival[]): Sums {
  const totals = new Map<Tensor, Tensor>();
  let befores: Map<Tensor, Tensor> | null = null;
  const taken = nextMark();
  let carried = false;
  for (const { node, grad } of arrivals) {
    const variable = node.variable as Tensor;
    const earlier: unknown = totals.get(variable) ?? variable.peekGrad();
    if (earlier !== null && !(earlier instanceof Tensor && earlier.dtype === grad.dtype)) {
      throw new GradientError(
        `backward: .grad must be null or a ${grad.dtype} tensor, got ${earlier instanceof Tensor ? earlier.dtype : show(earlier)}`,
        "set it to null, or call zeroGrad()",
      );
    }
    if (earlier !== null && !sameShape(earlier.shape, grad.shape)) {
      throw new GradientError(
        `backward: .grad has shape ${text(earlier.shape)}, the gradient to add to it ${text(grad.shape)}`,
        "set .grad to null, or to a tensor of the parameter's shape",
      );
    }
    if (earlier !== null && !totals.has(variable)) (befores ??= new Map<Tensor, Tensor>()).set(variable, earlier);
    carried ||= !node.isLeaf || (earlier !== null && !earlier.node.isLeaf);
    totals.set(variable, earlier === null ? own(grad, taken) : earlier.add(grad));
  }
  return { totals, earlier: befores, carried };
}
