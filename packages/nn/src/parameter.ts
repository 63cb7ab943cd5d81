import { Tensor } from "@downhill/core";
import { checkOptions, checkTensor, ownNode } from "@downhill/core/engine";

/** The options of `new Parameter`. */
export interface ParameterOptions {
  /** Whether it is learned. Default true; only float tensors can be. */
  readonly requiresGrad?: boolean;
}

/**
 * A variable that a model learns: a leaf tensor with memory of its own, which optimizers update in place. As a property
 * of a Module it is one of the module's parameters. Takes a copy of `data`. Same as torch.nn.Parameter.
 *
 * @throws DTypeError for ints and bools, unless `requiresGrad` is false.
 *
 * @example
 * const scale = new Parameter(ones([3]));
 */
export class Parameter extends Tensor {
  /** Only for the compiler: a plain tensor in a parameter's place would not be trained. */
  declare protected readonly learned: true;

  constructor(data: Tensor, options: ParameterOptions = {}) {
    checkTensor("Parameter", data);
    checkOptions("Parameter", options, ["requiresGrad"]);
    super(ownNode(data));
    if (options.requiresGrad ?? true) this.requiresGrad_();
  }

  override toString(): string {
    return `Parameter containing:\n${super.toString()}`;
  }
}
