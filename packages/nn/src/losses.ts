import type { Tensor } from "@downhill/core";
import { checkOptions } from "@downhill/core/engine";
import { l1Loss, type LossOptions, mseLoss, type Reduction } from "./functional/loss.js";
import { Module } from "./module.js";

/** A loss of a prediction and a target, reduced to one number unless told otherwise. */
abstract class PairwiseLoss extends Module {
  readonly reduction: Reduction;
  constructor(options: LossOptions = {}) {
    super();
    checkOptions(new.target.name, options, ["reduction"]);
    this.reduction = options.reduction ?? "mean";
  }
}

/** Mean squared error: the average of (input - target)². Same as torch.nn.MSELoss. */
export class MSELoss extends PairwiseLoss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return mseLoss(input, target, { reduction: this.reduction });
  }
}

/** Mean absolute error: the average of |input - target|. Same as torch.nn.L1Loss. */
export class L1Loss extends PairwiseLoss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return l1Loss(input, target, { reduction: this.reduction });
  }
}
