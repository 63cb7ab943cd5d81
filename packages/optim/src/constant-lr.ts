import { checkCount, checkOptions } from "@downhill/core/engine";
import { LRScheduler, type RateInput } from "./lr-scheduler.js";
import type { OptimizerBase } from "./optimizer-base.js";
import { checkBetween } from "./setting-checks.js";

/** The options of `ConstantLR`. */
export interface ConstantLROptions {
  /** What the rate is multiplied by at first, in [0, 1]. Default 1 / 3. */
  readonly factor?: number;
  /** The epoch from which the rate is whole. Default 5. */
  readonly totalIters?: number;
  /** The epoch to go on from. Default -1: begin. */
  readonly lastEpoch?: number;
}

interface ConstantSettings {
  factor: number;
  totalIters: number;
}

/**
 * Multiplies each group's rate by `factor` until epoch `totalIters`. Same as torch.optim.lr_scheduler.ConstantLR.
 *
 * @example
 * const scheduler = new ConstantLR(optimizer, { factor: 0.5, totalIters: 4 });
 */
export class ConstantLR extends LRScheduler<ConstantSettings> {
  constructor(optimizer: OptimizerBase<{ lr: number }>, options: ConstantLROptions = {}) {
    checkOptions("ConstantLR", options, ["factor", "totalIters", "lastEpoch"]);
    const { factor = 1 / 3, totalIters = 5, lastEpoch } = options;
    super(optimizer, { factor, totalIters }, lastEpoch);
  }

  protected override check({ factor, totalIters }: Readonly<ConstantSettings>): void {
    checkBetween(this, "factor", factor, 0, 1);
    checkCount("ConstantLR", "totalIters", totalIters, 0);
  }

  protected override rate({ epoch, lr, initialLr }: RateInput): number {
    const { factor, totalIters } = this.settings;
    if (epoch === 0) return lr * factor;
    if (epoch !== totalIters) return lr;
    // From 0 no factor leads up again.
    return factor === 0 ? initialLr : lr * (1 / factor);
  }
}
