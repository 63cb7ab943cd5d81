import { LRScheduler, type RateInput } from "./lr-scheduler.js";
import { checkSchedulers } from "./sequential-lr.js";

interface ChainedSettings {
  schedulers: readonly LRScheduler[];
  /** The epoch of each scheduler when it was chained. */
  offsets: readonly number[];
}

/**
 * Applies several schedulers at each step, one to the rates of the other. They are asked for rates only, and do not step
 * themselves. Same as torch.optim.lr_scheduler.ChainedScheduler.
 *
 * @example
 * const warmup = new ConstantLR(optimizer, { factor: 0.1, totalIters: 2 });
 * const decay = new ExponentialLR(optimizer, { gamma: 0.9 });
 * const scheduler = new ChainedScheduler([warmup, decay]);
 */
export class ChainedScheduler extends LRScheduler<ChainedSettings> {
  constructor(schedulers: readonly LRScheduler[]) {
    checkSchedulers("ChainedScheduler", schedulers);
    const offsets = schedulers.map(({ lastEpoch }) => lastEpoch);
    super(schedulers[0]!.optimizer, { schedulers: schedulers.slice(), offsets });
  }

  protected override rate({ epoch, lr, group }: RateInput): number {
    const { schedulers, offsets } = this.settings;
    // Each has done its first epoch when it was made.
    if (epoch === 0) return lr;
    return schedulers.reduce((rate, scheduler, i) => scheduler.rateAt(epoch + offsets[i]!, group, rate), lr);
  }

  protected override momentum(epoch: number, group: number): number | null {
    const { schedulers, offsets } = this.settings;
    let last: number | null = null;
    schedulers.forEach((scheduler, i) => (last = scheduler.momentumAt(epoch + offsets[i]!, group) ?? last));
    return last;
  }
}
