import { DTypeError, show } from "./errors.js";
import { expose } from "./program/node.js";
import { Tensor } from "./tensor.js";

/**
 * Keeps an internal value for later: call it in a Module's `forward` on what you want to read after the step.
 *
 * @example
 * class Net extends Module {
 *   layer = new Linear(2, 8);
 *   hidden: Tensor | null = null;
 *   override forward(x: Tensor): Tensor {
 *     return (this.hidden = keep(this.layer.forward(x).relu())).sum(1);
 *   }
 * }
 */
export function keep(x: Tensor): Tensor {
  if (!(x instanceof Tensor)) throw new DTypeError(`keep: expects a tensor, got ${show(x)}`);
  expose(x.node);
  return x;
}
