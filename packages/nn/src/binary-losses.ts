import type { Tensor } from "@downhill/core";
import {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  type BCELossOptions,
  type BCEWithLogitsLossOptions,
  checkBCE,
} from "./functional/binary-cross-entropy.js";
import {
  multilabelSoftMarginLoss,
  type MultiLabelSoftMarginLossOptions,
  softMarginLoss,
} from "./functional/logistic-loss.js";
import { checkOptions } from "@downhill/core/engine";
import { checkReduction, type LossOptions, type Reduction } from "./functional/loss.js";
import { Module } from "./module.js";

/** A loss of two classes, with weights that are a buffer. */
abstract class BinaryLoss extends Module {
  declare weight: Tensor | null;
  readonly reduction: Reduction;
  constructor(where: string, options: BCELossOptions, known: readonly string[] = []) {
    super();
    const { weight, reduction } = checkBCE(where, options, known);
    this.registerBuffer("weight", weight);
    this.reduction = reduction;
  }
}

/**
 * Averages -(y · log(x) + (1 - y) · log(1 - x)) of probabilities x and targets y of one shape; the logarithms are bounded
 * by -100. Same as torch.nn.BCELoss. Prefer `BCEWithLogitsLoss`, which loses no digits.
 *
 * @example
 * new BCELoss().forward(tensor([0.5, 0.9]), tensor([0, 1])); // tensor(0.3993)
 */
export class BCELoss extends BinaryLoss {
  constructor(options: BCELossOptions = {}) {
    super("BCELoss", options);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return binaryCrossEntropy(input, target, { weight: this.weight, reduction: this.reduction });
  }
}

/**
 * Averages -(p · y · log σ(x) + (1 - y) · log(1 - σ(x))) of logits x and targets y of one shape, with the weight p of
 * positive targets. Exact for logits of any size. Same as torch.nn.BCEWithLogitsLoss.
 *
 * @example
 * const criterion = new BCEWithLogitsLoss({ posWeight: tensor([3]) });
 * criterion.forward(tensor([0, 0]), tensor([1, 0])); // tensor(1.3863)
 */
export class BCEWithLogitsLoss extends BinaryLoss {
  declare posWeight: Tensor | null;
  constructor(options: BCEWithLogitsLossOptions = {}) {
    super("BCEWithLogitsLoss", options, ["posWeight"]);
    this.registerBuffer("posWeight", options.posWeight ?? null);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { weight, posWeight, reduction } = this;
    return binaryCrossEntropyWithLogits(input, target, { weight, posWeight, reduction });
  }
}

/**
 * Averages the binary cross entropy of logits and targets of 0 or 1, [C] or [N, C], over classes, and then over the batch.
 * Same as torch.nn.MultiLabelSoftMarginLoss.
 *
 * @example
 * new MultiLabelSoftMarginLoss().forward(tensor([[0, 100]]), tensor([[1, 0]])); // tensor(50.3466)
 */
export class MultiLabelSoftMarginLoss extends BinaryLoss {
  constructor(options: MultiLabelSoftMarginLossOptions = {}) {
    super("MultiLabelSoftMarginLoss", options);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return multilabelSoftMarginLoss(input, target, { weight: this.weight, reduction: this.reduction });
  }
}

/**
 * Averages log(1 + exp(-target · input)), with targets of 1 and -1. Exact for inputs of any size. Same as
 * torch.nn.SoftMarginLoss.
 *
 * @example
 * new SoftMarginLoss().forward(tensor([0, 100]), tensor([1, -1])); // tensor(50.3466)
 */
export class SoftMarginLoss extends Module {
  readonly reduction: Reduction;
  constructor(options: LossOptions = {}) {
    super();
    checkOptions("SoftMarginLoss", options, ["reduction"]);
    this.reduction = checkReduction("SoftMarginLoss", options.reduction);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return softMarginLoss(input, target, { reduction: this.reduction });
  }
}
