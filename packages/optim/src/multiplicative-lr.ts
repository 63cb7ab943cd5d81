import { checkOptions } from "@downhill/core/engine";
import { lambdasFor } from "./lambda-lr.js";
import { LRScheduler, type RateInput } from "./lr-scheduler.js";
import type { OptimizerBase } from "./optimizer-base.js";
import type { Schedule } from "./schedule.js";

/** The options of `MultiplicativeLR`. */
export interface MultiplicativeLROptions {
  /** What the present rate is multiplied by at an epoch, from 1 on; one function for all groups, or one for each. */
  readonly lrLambda: Schedule | readonly Schedule[];
  /** The epoch to go on from. Default -1: begin. */
  readonly lastEpoch?: number;
}

interface MultiplicativeSettings {
  lrLambdas: readonly Schedule[];
}

/**
 * Multiplies each group's rate by a function of the epoch, at every epoch. Groups that join later keep their rates.
 * Same as torch.optim.lr_scheduler.MultiplicativeLR.
 *
 * @example
 * const scheduler = new MultiplicativeLR(optimizer, { lrLambda: (epoch) => (epoch < 10 ? 1 : 0.95) });
 */
export class MultiplicativeLR extends LRScheduler<MultiplicativeSettings> {
  constructor(optimizer: OptimizerBase<{ lr: number }>, options: MultiplicativeLROptions) {
    checkOptions("MultiplicativeLR", options, ["lrLambda", "lastEpoch"]);
    const { lrLambda, lastEpoch } = { ...options };
    super(optimizer, { lrLambdas: lambdasFor("MultiplicativeLR", optimizer, lrLambda) }, lastEpoch);
  }

  protected override rate({ epoch, lr, group }: RateInput): number {
    const factor = this.settings.lrLambdas[group];
    return epoch === 0 || factor === undefined ? lr : lr * factor(epoch);
  }

  /** @internal It knows factors only, and so goes on from the rate that it finds. */
  override beginsAt(_group: number, lr: number): number {
    return lr;
  }
}
