import type { Tensor } from "@downhill/core";
import { checkCTCLoss, ctcLoss, type CTCLossOptions, type Lengths } from "./functional/ctc-loss.js";
import type { Reduction } from "./functional/loss.js";
import { Module } from "./module.js";

/**
 * Connectionist temporal classification: averages -log of the probability that a sequence reads as its target, whatever
 * the alignment; see `functional.ctcLoss`. Same as torch.nn.CTCLoss. Graves et al., 2006.
 *
 * @throws ValueError for a blank below 0.
 *
 * @example
 * const criterion = new CTCLoss();
 * const logProbs = randn([50, 2, 20]).logSoftmax(2);
 * criterion.forward(logProbs, randint(1, 20, [2, 10]), [50, 40], [10, 7]).shape; // []
 */
export class CTCLoss extends Module {
  readonly blank: number;
  readonly reduction: Reduction;
  readonly zeroInfinity: boolean;

  constructor(options: CTCLossOptions = {}) {
    super();
    const { blank, reduction, zeroInfinity } = checkCTCLoss("CTCLoss", options);
    this.blank = blank;
    this.reduction = reduction;
    this.zeroInfinity = zeroInfinity;
  }

  override forward(logProbs: Tensor, targets: Tensor, inputLengths: Lengths, targetLengths: Lengths): Tensor {
    const { blank, reduction, zeroInfinity } = this;
    return ctcLoss(logProbs, targets, inputLengths, targetLengths, { blank, reduction, zeroInfinity });
  }
}
