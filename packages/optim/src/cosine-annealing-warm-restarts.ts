import { checkCount, checkOptions, everyRun, show, ValueError } from "@downhill/core/engine";
import { LRScheduler, type RateInput } from "./lr-scheduler.js";
import type { OptimizerBase } from "./optimizer-base.js";
import { cosine } from "./schedule.js";
import { checkNumber } from "./setting-checks.js";

/** The options of `CosineAnnealingWarmRestarts`. */
export interface CosineAnnealingWarmRestartsOptions {
  /** Epochs up to the first restart. */
  readonly t0: number;
  /** How many times as long each cycle is as the one before. Default 1. */
  readonly tMult?: number;
  /** The lowest rate. Default 0. */
  readonly etaMin?: number;
  /** The epoch to go on from. Default -1: begin. */
  readonly lastEpoch?: number;
}

interface WarmRestartSettings {
  t0: number;
  tMult: number;
  etaMin: number;
}

/**
 * Lets each group's rate fall to `etaMin` along half a cosine, and begin again at the top, in cycles of t0, t0 · tMult,
 * t0 · tMult², … epochs. Same as torch.optim.lr_scheduler.CosineAnnealingWarmRestarts.
 * After Loshchilov and Hutter, "SGDR", https://arxiv.org/abs/1608.03983.
 *
 * @example
 * const scheduler = new CosineAnnealingWarmRestarts(optimizer, { t0: 10, tMult: 2 });
 */
export class CosineAnnealingWarmRestarts extends LRScheduler<WarmRestartSettings> {
  constructor(optimizer: OptimizerBase<{ lr: number }>, options: CosineAnnealingWarmRestartsOptions) {
    checkOptions("CosineAnnealingWarmRestarts", options, ["t0", "tMult", "etaMin", "lastEpoch"]);
    const { t0, tMult = 1, etaMin = 0, lastEpoch } = { ...options };
    super(optimizer, { t0, tMult, etaMin }, lastEpoch);
  }

  protected override check({ t0, tMult, etaMin }: Readonly<WarmRestartSettings>): void {
    checkCount("CosineAnnealingWarmRestarts", "t0", t0, 1);
    checkCount("CosineAnnealingWarmRestarts", "tMult", tMult, 1);
    checkNumber(this, "etaMin", etaMin);
  }

  /** @param epoch The epoch to set rates for, with fractions: epoch + batch / batches. Default: the one after the last. */
  /** Goes on by one step, or to a given one, which may be a fraction of an epoch. */
  override step(epoch?: number): void {
    if (epoch !== undefined) {
      if (typeof epoch !== "number" || !(epoch >= 0))
        throw new ValueError(
          `CosineAnnealingWarmRestarts.step: epoch must be a number of 0 or more, got ${show(epoch)}`,
        );
      const { lastEpoch } = this;
      everyRun(
        () => (this.lastEpoch = epoch - 1),
        () => (this.lastEpoch = lastEpoch),
      );
    }
    super.step();
  }

  protected override rate({ epoch, initialLr }: RateInput): number {
    const { t0, tMult, etaMin } = this.settings;
    let [t, length] = [epoch, t0];
    if (tMult === 1) t %= t0;
    for (; t >= length; length *= tMult) t -= length;
    return etaMin + (initialLr - etaMin) * cosine(length)(t);
  }
}
