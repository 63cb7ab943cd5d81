import { Tensor, ValueError } from "@downhill/core";
import { checkOptions, show } from "@downhill/core/engine";
import {
  checkIgnoreIndex,
  checkSmoothing,
  crossEntropy,
  type CrossEntropyOptions,
  nllLoss,
  type NLLLossOptions,
} from "./functional/cross-entropy.js";
import { absoluteLoss, checkReduction, type LossOptions, type Reduction, squaredLoss } from "./functional/loss.js";
import { Module } from "./module.js";

/** A loss of an input and a target of one shape, reduced to one number unless told otherwise. */
abstract class PairLoss extends Module {
  readonly reduction: Reduction;
  constructor(where: string, options: LossOptions = {}) {
    super();
    checkOptions(where, options, ["reduction"]);
    this.reduction = checkReduction(where, options.reduction);
  }
}

/**
 * Mean squared error: the average of (input - target)². Same as torch.nn.MSELoss.
 *
 * @example
 * const criterion = new MSELoss({ reduction: "sum" });
 * criterion.forward(tensor([1, 2]), tensor([1, 4])); // tensor(4.)
 */
export class MSELoss extends PairLoss {
  constructor(options: LossOptions = {}) {
    super("MSELoss", options);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return squaredLoss(input, target, this.reduction);
  }
}

/**
 * Mean absolute error: the average of |input - target|. Its gradient where they are equal is 0. Same as torch.nn.L1Loss.
 */
export class L1Loss extends PairLoss {
  constructor(options: LossOptions = {}) {
    super("L1Loss", options);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return absoluteLoss(input, target, this.reduction);
  }
}

/** A loss of classes, each with a weight; the weights are a buffer. */
abstract class ClassLoss extends Module {
  declare weight: Tensor | null;
  readonly ignoreIndex: number;
  readonly reduction: Reduction;
  constructor(where: string, options: NLLLossOptions, known: readonly string[]) {
    super();
    checkOptions(where, options, ["weight", "ignoreIndex", "reduction", ...known]);
    const weight: unknown = options.weight ?? null;
    if (weight !== null && !(weight instanceof Tensor)) {
      throw new ValueError(`${where}: weight must be a tensor, got ${show(weight)}`, "make one: tensor([…])");
    }
    this.registerBuffer("weight", weight);
    this.ignoreIndex = checkIgnoreIndex(where, options.ignoreIndex);
    this.reduction = checkReduction(where, options.reduction);
  }
}

/**
 * Negative log-likelihood of int32 classes, given log-probabilities [C], [N, C] or [N, C, d1, …]. Same as
 * torch.nn.NLLLoss.
 *
 * @example
 * new NLLLoss().forward(randn([3, 5]).logSoftmax(1), tensor([1, 0, 4], { dtype: "int32" }));
 */
export class NLLLoss extends ClassLoss {
  constructor(options: NLLLossOptions = {}) {
    super("NLLLoss", options, []);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return nllLoss(input, target, { weight: this.weight, ignoreIndex: this.ignoreIndex, reduction: this.reduction });
  }
}

/**
 * Cross entropy of logits [C], [N, C] or [N, C, d1, …] and int32 classes [], [N] or [N, d1, …], or probabilities of the
 * logits' shape. Stable for logits of any size. Same as torch.nn.CrossEntropyLoss.
 *
 * @example
 * const criterion = new CrossEntropyLoss({ labelSmoothing: 0.1 });
 * criterion.forward(randn([3, 5]), tensor([1, 0, 4], { dtype: "int32" }));
 */
export class CrossEntropyLoss extends ClassLoss {
  readonly labelSmoothing: number;
  constructor(options: CrossEntropyOptions = {}) {
    super("CrossEntropyLoss", options, ["labelSmoothing"]);
    this.labelSmoothing = checkSmoothing("CrossEntropyLoss", options.labelSmoothing);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { weight, ignoreIndex, reduction, labelSmoothing } = this;
    return crossEntropy(input, target, { weight, ignoreIndex, reduction, labelSmoothing });
  }
}
