import { checkOptions, show, ValueError } from "@downhill/core/engine";
import { checkOptimizer, LRScheduler, type RateInput } from "./lr-scheduler.js";
import { checkMilestones } from "./multi-step-lr.js";
import type { OptimizerBase } from "./optimizer-base.js";

/** The options of `SequentialLR`. */
export interface SequentialLROptions {
  /** Schedulers of the same optimizer, just made, in the order in which they act. */
  readonly schedulers: readonly LRScheduler[];
  /** The epochs, rising, at which each but the first takes over. */
  readonly milestones: readonly number[];
}

interface SequentialSettings {
  schedulers: readonly LRScheduler[];
  milestones: readonly number[];
}

interface Turn {
  readonly scheduler: LRScheduler;
  readonly own: number;
}

/**
 * Follows one scheduler after the other. Each begins as at its own epoch 0, with the initial rate; it is asked for rates
 * only, and does not step itself. Same as torch.optim.lr_scheduler.SequentialLR.
 *
 * @example
 * const warmup = new LinearLR(optimizer, { startFactor: 0.1, totalIters: 5 });
 * const decay = new ExponentialLR(optimizer, { gamma: 0.9 });
 * const scheduler = new SequentialLR(optimizer, { schedulers: [warmup, decay], milestones: [5] });
 */
export class SequentialLR extends LRScheduler<SequentialSettings> {
  constructor(optimizer: OptimizerBase<{ lr: number }>, options: SequentialLROptions) {
    checkOptions("SequentialLR", options, ["schedulers", "milestones"]);
    checkOptimizer("SequentialLR", optimizer);
    const { schedulers, milestones } = { ...options };
    checkSchedulers("SequentialLR", schedulers, optimizer);
    checkMilestones("SequentialLR", milestones);
    if (milestones.length !== schedulers.length - 1)
      throw new ValueError(
        `SequentialLR: needs one milestone less than schedulers, got ${milestones.length} for ${schedulers.length}`,
      );
    super(optimizer, { schedulers: schedulers.slice(), milestones: milestones.slice() });
  }

  protected override check({ milestones }: Readonly<SequentialSettings>): void {
    checkMilestones("SequentialLR", milestones);
    if (milestones.some((milestone, i) => milestone <= (milestones[i - 1] ?? -1)))
      throw new ValueError(`SequentialLR: milestones must rise, got ${show(milestones)}`);
  }

  protected override rate({ epoch, lr, group }: RateInput): number {
    const { scheduler, own } = turnAt(epoch, this.settings);
    // Making the schedulers has changed the rate: the first of them begins where it found it.
    const from = own > 0 ? lr : epoch === 0 ? (scheduler.baseLrs[group] ?? lr) : scheduler.beginsAt(group, lr);
    return scheduler.rateAt(own, group, from);
  }

  protected override momentum(epoch: number, group: number): number | null {
    const { scheduler, own } = turnAt(epoch, this.settings);
    return scheduler.momentumAt(own, group);
  }
}

/** The scheduler that acts at an epoch, and its own epoch then. */
function turnAt(epoch: number, { schedulers, milestones }: SequentialSettings): Turn {
  const at = milestones.filter((milestone) => milestone <= epoch).length;
  return { scheduler: schedulers[at]!, own: epoch - (milestones[at - 1] ?? 0) };
}

/** Throws unless these are schedulers, all of the same optimizer. */
export function checkSchedulers(where: string, schedulers: unknown, optimizer?: OptimizerBase<{ lr: number }>): void {
  if (!Array.isArray(schedulers) || schedulers.length === 0)
    throw new ValueError(`${where}: schedulers must be a list of them, got ${show(schedulers)}`);
  schedulers.forEach((scheduler: unknown, i) => {
    if (!(scheduler instanceof LRScheduler))
      throw new ValueError(
        `${where}: schedulers[${i}] must be a scheduler that computes rates, got ${show(scheduler)}`,
      );
    if (scheduler.optimizer !== (optimizer ?? (schedulers[0] as LRScheduler).optimizer))
      throw new ValueError(`${where}: schedulers[${i}] is of another optimizer`);
  });
}
