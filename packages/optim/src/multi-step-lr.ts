import { checkOptions, show, ValueError } from "@downhill/core/engine";
import { LRScheduler, type RateInput } from "./lr-scheduler.js";
import type { OptimizerBase } from "./optimizer-base.js";
import { checkNumber } from "./setting-checks.js";

/** The options of `MultiStepLR`. */
export interface MultiStepLROptions {
  /** The epochs that change the rate; one that stands there twice does so twice. */
  readonly milestones: readonly number[];
  /** What the rate is multiplied by. Default 0.1. */
  readonly gamma?: number;
  /** The epoch to go on from. Default -1: begin. */
  readonly lastEpoch?: number;
}

interface MultiStepSettings {
  milestones: readonly number[];
  gamma: number;
}

/**
 * Multiplies each group's rate by `gamma` at each milestone. Same as torch.optim.lr_scheduler.MultiStepLR.
 *
 * @example
 * const scheduler = new MultiStepLR(optimizer, { milestones: [30, 80], gamma: 0.1 });
 */
export class MultiStepLR extends LRScheduler<MultiStepSettings> {
  constructor(optimizer: OptimizerBase<{ lr: number }>, options: MultiStepLROptions) {
    checkOptions("MultiStepLR", options, ["milestones", "gamma", "lastEpoch"]);
    const { milestones, gamma = 0.1, lastEpoch } = { ...options };
    super(optimizer, { milestones: Array.isArray(milestones) ? milestones.slice() : milestones, gamma }, lastEpoch);
  }

  protected override check({ milestones, gamma }: Readonly<MultiStepSettings>): void {
    checkMilestones("MultiStepLR", milestones);
    checkNumber(this, "gamma", gamma);
  }

  protected override rate({ epoch, lr }: RateInput): number {
    const { milestones, gamma } = this.settings;
    const times = milestones.filter((milestone) => milestone === epoch).length;
    return times === 0 ? lr : lr * gamma ** times;
  }
}

/** Throws unless milestones are a list of epochs. */
export function checkMilestones(where: string, milestones: unknown): void {
  if (Array.isArray(milestones) && milestones.every((milestone) => Number.isInteger(milestone) && milestone >= 0))
    return;
  throw new ValueError(`${where}: milestones must be a list of integers of 0 or more, got ${show(milestones)}`);
}
