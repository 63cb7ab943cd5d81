import { checkCount, checkOptions } from "@downhill/core/engine";
import { checkOptimizer, LRScheduler, type RateInput } from "./lr-scheduler.js";
import { perGroup } from "./momentum.js";
import type { OptimizerBase } from "./optimizer-base.js";
import { checkChoice } from "./setting-checks.js";

/** The options of `SWALR`. */
export interface SWALROptions {
  /** The rate to go to, or one per group. */
  readonly swaLr: number | readonly number[];
  /** Epochs up to it. Default 10. */
  readonly annealEpochs?: number;
  /** The form of the way. Default "cos". */
  readonly annealStrategy?: "cos" | "linear";
  /** The epoch to go on from. Default -1: begin. */
  readonly lastEpoch?: number;
}

interface SWASettings {
  swaLr: number[];
  annealEpochs: number;
  annealStrategy: string;
}

/**
 * Leads each group's rate from where it is to `swaLr`, where weights are averaged. Another scheduler may come before: step
 * either the one or the other. Same as torch.optim.swa_utils.SWALR.
 * After Izmailov et al., https://arxiv.org/abs/1803.05407.
 *
 * @example
 * const scheduler = new SWALR(optimizer, { swaLr: 0.05, annealEpochs: 5 });
 */
export class SWALR extends LRScheduler<SWASettings> {
  constructor(optimizer: OptimizerBase<{ lr: number }>, options: SWALROptions) {
    checkOptions("SWALR", options, ["swaLr", "annealEpochs", "annealStrategy", "lastEpoch"]);
    checkOptimizer("SWALR", optimizer);
    const { swaLr, annealEpochs = 10, annealStrategy = "cos", lastEpoch } = { ...options };
    const swaLrs = perGroup("SWALR", "swaLr", optimizer, swaLr);
    super(optimizer, { swaLr: swaLrs, annealEpochs, annealStrategy }, lastEpoch);
  }

  protected override check({ annealEpochs, annealStrategy }: Readonly<SWASettings>): void {
    checkCount("SWALR", "annealEpochs", annealEpochs, 0);
    checkChoice(this, "annealStrategy", annealStrategy, ["cos", "linear"]);
  }

  protected override rate({ epoch, lr, group }: RateInput): number {
    const { swaLr, annealEpochs, annealStrategy } = this.settings;
    const goal = swaLr[group];
    if (goal === undefined) return lr;
    const share = (step: number): number => {
      const t = Math.max(0, Math.min(1, step / Math.max(1, annealEpochs)));
      return annealStrategy === "linear" ? t : (1 - Math.cos(Math.PI * t)) / 2;
    };
    // Where it came from, as the rate now and the share of the way behind it tell.
    const step = annealEpochs === 0 ? Math.max(1, epoch) : epoch;
    const [behind, now] = [share(step - 1), share(step)];
    const from = behind === 1 ? goal : (lr - behind * goal) / (1 - behind);
    return goal * now + from * (1 - now);
  }
}
