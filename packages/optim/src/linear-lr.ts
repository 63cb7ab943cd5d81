import { checkCount, checkOptions, show, ValueError } from "@downhill/core/engine";
import { LRScheduler, type RateInput } from "./lr-scheduler.js";
import type { OptimizerBase } from "./optimizer-base.js";
import { checkBetween } from "./setting-checks.js";

/** The options of `LinearLR`. */
export interface LinearLROptions {
  /** What the rate is multiplied by at first, in (0, 1]. Default 1 / 3. */
  readonly startFactor?: number;
  /** What it is multiplied by in the end, in [0, 1]. Default 1. */
  readonly endFactor?: number;
  /** Epochs from one to the other. Default 5. */
  readonly totalIters?: number;
  /** The epoch to go on from. Default -1: begin. */
  readonly lastEpoch?: number;
}

interface LinearSettings {
  startFactor: number;
  endFactor: number;
  totalIters: number;
}

/**
 * Lets each group's rate go evenly from `startFactor` to `endFactor` times itself in `totalIters` epochs: a warm-up, or a
 * decay. Same as torch.optim.lr_scheduler.LinearLR, in its chainable form.
 *
 * @example
 * const scheduler = new LinearLR(optimizer, { startFactor: 0.1, totalIters: 10 });
 */
export class LinearLR extends LRScheduler<LinearSettings> {
  constructor(optimizer: OptimizerBase<{ lr: number }>, options: LinearLROptions = {}) {
    checkOptions("LinearLR", options, ["startFactor", "endFactor", "totalIters", "lastEpoch"]);
    const { startFactor = 1 / 3, endFactor = 1, totalIters = 5, lastEpoch } = options;
    super(optimizer, { startFactor, endFactor, totalIters }, lastEpoch);
  }

  protected override check({ startFactor, endFactor, totalIters }: Readonly<LinearSettings>): void {
    if (!(startFactor > 0 && startFactor <= 1))
      throw new ValueError(`LinearLR: startFactor must be in (0, 1], got ${show(startFactor)}`);
    checkBetween(this, "endFactor", endFactor, 0, 1);
    checkCount("LinearLR", "totalIters", totalIters, 1);
  }

  protected override rate({ epoch, lr }: RateInput): number {
    const { startFactor, endFactor, totalIters } = this.settings;
    if (epoch === 0) return lr * startFactor;
    if (epoch > totalIters) return lr;
    const rise = endFactor - startFactor;
    return lr * (1 + rise / (totalIters * startFactor + (epoch - 1) * rise));
  }
}
