import { checkOptions } from "@downhill/core/engine";
import { LRScheduler, type RateInput } from "./lr-scheduler.js";
import type { OptimizerBase } from "./optimizer-base.js";
import { checkNumber } from "./setting-checks.js";

/** The options of `ExponentialLR`. */
export interface ExponentialLROptions {
  /** What the rate is multiplied by at each epoch. */
  readonly gamma: number;
  /** The epoch to go on from. Default -1: begin. */
  readonly lastEpoch?: number;
}

/**
 * Multiplies each group's rate by `gamma` at every epoch. Same as torch.optim.lr_scheduler.ExponentialLR.
 *
 * @example
 * const scheduler = new ExponentialLR(optimizer, { gamma: 0.95 });
 */
export class ExponentialLR extends LRScheduler<{ gamma: number }> {
  constructor(optimizer: OptimizerBase<{ lr: number }>, options: ExponentialLROptions) {
    checkOptions("ExponentialLR", options, ["gamma", "lastEpoch"]);
    const { gamma, lastEpoch } = { ...options };
    super(optimizer, { gamma }, lastEpoch);
  }

  protected override check({ gamma }: Readonly<{ gamma: number }>): void {
    checkNumber(this, "gamma", gamma);
  }

  protected override rate({ epoch, lr }: RateInput): number {
    return epoch === 0 ? lr : lr * this.settings.gamma;
  }
}
