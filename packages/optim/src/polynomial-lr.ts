import { checkCount, checkOptions } from "@downhill/core/engine";
import { LRScheduler, type RateInput } from "./lr-scheduler.js";
import type { OptimizerBase } from "./optimizer-base.js";
import { checkNumber } from "./setting-checks.js";

/** The options of `PolynomialLR`. */
export interface PolynomialLROptions {
  /** Epochs from the initial rate down to 0. Default 5. */
  readonly totalIters?: number;
  /** The polynomial's degree: 1 is a straight line. Default 1. */
  readonly power?: number;
  /** The epoch to go on from. Default -1: begin. */
  readonly lastEpoch?: number;
}

interface PolynomialSettings {
  totalIters: number;
  power: number;
}

/**
 * Lets each group's rate fall to 0 as initialLr · (1 - epoch / totalIters)^power.
 * Same as torch.optim.lr_scheduler.PolynomialLR, in its chainable form.
 *
 * @example
 * const scheduler = new PolynomialLR(optimizer, { totalIters: 100, power: 0.9 });
 */
export class PolynomialLR extends LRScheduler<PolynomialSettings> {
  constructor(optimizer: OptimizerBase<{ lr: number }>, options: PolynomialLROptions = {}) {
    checkOptions("PolynomialLR", options, ["totalIters", "power", "lastEpoch"]);
    const { totalIters = 5, power = 1, lastEpoch } = options;
    super(optimizer, { totalIters, power }, lastEpoch);
  }

  protected override check({ totalIters, power }: Readonly<PolynomialSettings>): void {
    checkCount("PolynomialLR", "totalIters", totalIters, 1);
    checkNumber(this, "power", power);
  }

  protected override rate({ epoch, lr }: RateInput): number {
    const { totalIters, power } = this.settings;
    if (epoch === 0 || epoch > totalIters) return lr;
    return lr * ((1 - epoch / totalIters) / (1 - (epoch - 1) / totalIters)) ** power;
  }
}
