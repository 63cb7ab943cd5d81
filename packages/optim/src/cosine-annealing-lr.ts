import { checkOptions } from "@downhill/core/engine";
import { LRScheduler, type RateInput } from "./lr-scheduler.js";
import type { OptimizerBase } from "./optimizer-base.js";
import { cosine } from "./schedule.js";
import { checkNumber, checkPositive } from "./setting-checks.js";

/** The options of `CosineAnnealingLR`. */
export interface CosineAnnealingLROptions {
  /** Epochs from the initial rate down to `etaMin`; above 0, a fraction too. */
  readonly tMax: number;
  /** The lowest rate. Default 0. */
  readonly etaMin?: number;
  /** The epoch to go on from. Default -1: begin. */
  readonly lastEpoch?: number;
}

interface CosineSettings {
  tMax: number;
  etaMin: number;
}

/**
 * Lets each group's rate fall to `etaMin` along half a cosine, and after `tMax` epochs rise again:
 * etaMin + (initialLr - etaMin) · cosine(tMax)(epoch), if nobody else changes the rate.
 * Same as torch.optim.lr_scheduler.CosineAnnealingLR, in its chainable form. After Loshchilov and Hutter,
 * https://arxiv.org/abs/1608.03983, without the restarts.
 *
 * @example
 * const scheduler = new CosineAnnealingLR(optimizer, { tMax: 100, etaMin: 1e-5 });
 */
export class CosineAnnealingLR extends LRScheduler<CosineSettings> {
  constructor(optimizer: OptimizerBase<{ lr: number }>, options: CosineAnnealingLROptions) {
    checkOptions("CosineAnnealingLR", options, ["tMax", "etaMin", "lastEpoch"]);
    const { tMax, etaMin = 0, lastEpoch } = { ...options };
    super(optimizer, { tMax, etaMin }, lastEpoch);
  }

  protected override check({ tMax, etaMin }: Readonly<CosineSettings>): void {
    checkPositive("CosineAnnealingLR", "tMax", tMax);
    checkNumber(this, "etaMin", etaMin);
  }

  protected override rate({ epoch, lr, initialLr, resumed }: RateInput): number {
    const { tMax, etaMin } = this.settings;
    const curve = cosine(tMax);
    if (epoch === 0) return lr;
    if (resumed) return etaMin + (initialLr - etaMin) * curve(epoch);
    // From the bottom no factor leads up again.
    if ((epoch - 1 - tMax) % (2 * tMax) === 0) return lr + ((initialLr - etaMin) * (1 - Math.cos(Math.PI / tMax))) / 2;
    return (curve(epoch) / curve(epoch - 1)) * (lr - etaMin) + etaMin;
  }
}
