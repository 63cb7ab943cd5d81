import { Tensor } from "@downhill/core";
import { ownNode } from "@downhill/core/engine";

/**
 * A variable that a model learns: a leaf tensor with memory of its own, which optimizers update in place. As a property
 * of a Module it is one of the module's parameters. Takes a copy of `data`.
 *
 * @example
 * const scale = new Parameter(ones([3]));
 */
export class Parameter extends Tensor {
  constructor(data: Tensor, options: { requiresGrad?: boolean } = {}) {
    super(ownNode(data));
    if (options.requiresGrad ?? true) this.requiresGrad_();
  }

  override toString(): string {
    return `Parameter containing:\n${super.toString()}`;
  }
}
