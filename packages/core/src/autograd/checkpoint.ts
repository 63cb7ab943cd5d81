import { GradientError, show } from "../errors.js";
import { enterSegment, type Segment } from "../program/node.js";
import { enter, leave } from "../program/scope.js";
import { exposeAll, Tensor } from "../tensor.js";

/**
 * Runs `fn`, and trades time for memory: backward computes again what `fn` computed, so that none of it is kept from the
 * forward pass but the result. Gradients are the same, bit for bit (those of gradients but for rounding): random tensors
 * are values, and are not drawn again.
 *
 * What `fn` makes and does not return is internal; call `keep(x)` on what you want to read. Checkpoints nest.
 * Same as torch.utils.checkpoint.checkpoint with use_reentrant=False.
 *
 * @example
 * const w = randn([4, 4], { requiresGrad: true });
 * let h = randn([2, 4]);
 * for (let layer = 0; layer < 3; layer++) h = checkpoint((x) => x.matmul(w).tanh(), h);
 * h.sum().backward();
 */
export function checkpoint<A extends readonly unknown[], R>(fn: (...inputs: A) => R, ...inputs: A): R {
  if (typeof fn !== "function")
    throw new GradientError(
      `checkpoint: takes a function, got ${show(fn)}`,
      "write checkpoint((x) => block.forward(x), x)",
    );
  const segment: { outer: Segment | null } = { outer: null };
  segment.outer = enterSegment(segment);
  const outer = enter();
  let result: R;
  try {
    result = fn(...inputs);
  } finally {
    leave(outer);
    enterSegment(segment.outer);
  }
  if (typeof (result as { then?: unknown } | null | undefined)?.then === "function") {
    throw new GradientError(
      "checkpoint: the function returned a Promise, and what it does after its first await cannot be recomputed",
      "compute inside, and await the result outside",
    );
  }
  hand(result, segment);
  if (outer === 0) exposeAll(result);
  return result;
}

/** What is returned is kept by whoever asked for it. */
function hand(result: unknown, segment: Segment): void {
  if (result instanceof Tensor) {
    if (result.node.segment === segment) result.node.segment = segment.outer;
  } else if (Array.isArray(result)) for (const item of result) hand(item, segment);
  else if (result !== null && typeof result === "object" && Object.getPrototypeOf(result) === Object.prototype) {
    for (const item of Object.values(result)) hand(item, segment);
  }
}
