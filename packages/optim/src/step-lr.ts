import { checkCount, checkOptions } from "@downhill/core/engine";
import { LRScheduler, type RateInput } from "./lr-scheduler.js";
import type { OptimizerBase } from "./optimizer-base.js";
import { checkNumber } from "./setting-checks.js";

/** The options of `StepLR`. */
export interface StepLROptions {
  /** Epochs between two changes. */
  readonly stepSize: number;
  /** What the rate is multiplied by. Default 0.1. */
  readonly gamma?: number;
  /** The epoch to go on from. Default -1: begin. */
  readonly lastEpoch?: number;
}

interface StepSettings {
  stepSize: number;
  gamma: number;
}

/**
 * Multiplies each group's rate by `gamma` every `stepSize` epochs, as `stepDecay` does.
 * Same as torch.optim.lr_scheduler.StepLR.
 *
 * @example
 * const scheduler = new StepLR(optimizer, { stepSize: 30, gamma: 0.1 });
 */
export class StepLR extends LRScheduler<StepSettings> {
  constructor(optimizer: OptimizerBase<{ lr: number }>, options: StepLROptions) {
    checkOptions("StepLR", options, ["stepSize", "gamma", "lastEpoch"]);
    const { stepSize, gamma = 0.1, lastEpoch } = { ...options };
    super(optimizer, { stepSize, gamma }, lastEpoch);
  }

  protected override check({ stepSize, gamma }: Readonly<StepSettings>): void {
    checkCount("StepLR", "stepSize", stepSize, 1);
    checkNumber(this, "gamma", gamma);
  }

  protected override rate({ epoch, lr }: RateInput): number {
    const { stepSize, gamma } = this.settings;
    return epoch > 0 && epoch % stepSize === 0 ? lr * gamma : lr;
  }
}
