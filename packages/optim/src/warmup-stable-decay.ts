import { checkOptions } from "@downhill/core/engine";
import { LRScheduler, type RateInput } from "./lr-scheduler.js";
import type { OptimizerBase } from "./optimizer-base.js";
import { type DecayShape, type Schedule, warmupStableDecay } from "./schedule.js";

/** The options of `WarmupStableDecay`. */
export interface WarmupStableDecayOptions {
  /** Steps in which the rate rises evenly: 1/warmupSteps, 2/warmupSteps, … of the initial one. 0 for none. */
  readonly warmupSteps: number;
  /** Steps at the initial rate. */
  readonly stableSteps: number;
  /** Steps down to `minFactor` times the initial rate, where it stays. */
  readonly decaySteps: number;
  /** The way down over x from 0 to 1: "linear", 1 - x; "cosine"; "sqrt", 1 - √x. Default "linear". */
  readonly decay?: DecayShape;
  /** Default 0. */
  readonly minFactor?: number;
  /** The epoch to go on from. Default -1: begin. */
  readonly lastEpoch?: number;
}

interface WarmupStableDecaySettings {
  warmupSteps: number;
  stableSteps: number;
  decaySteps: number;
  decay: DecayShape;
  minFactor: number;
}

/**
 * Sets each group's rate to its initial one times `warmupStableDecay`: up, level for as long as training goes on, and
 * down at the end. After Hu et al., "MiniCPM", https://arxiv.org/abs/2404.06395; the square root after Hägele et al.,
 * https://arxiv.org/abs/2405.18392.
 *
 * @example
 * const scheduler = new WarmupStableDecay(optimizer, { warmupSteps: 100, stableSteps: 800, decaySteps: 100 });
 */
export class WarmupStableDecay extends LRScheduler<WarmupStableDecaySettings> {
  constructor(optimizer: OptimizerBase<{ lr: number }>, options: WarmupStableDecayOptions) {
    const names = ["warmupSteps", "stableSteps", "decaySteps", "decay", "minFactor", "lastEpoch"];
    checkOptions("WarmupStableDecay", options, names);
    const { warmupSteps, stableSteps, decaySteps, decay = "linear", minFactor = 0, lastEpoch } = { ...options };
    super(optimizer, { warmupSteps, stableSteps, decaySteps, decay, minFactor }, lastEpoch);
  }

  protected override check(settings: Readonly<WarmupStableDecaySettings>): void {
    scheduleOf(settings);
  }

  protected override rate({ epoch, initialLr }: RateInput): number {
    return initialLr * scheduleOf(this.settings)(epoch);
  }
}

const scheduleOf = ({ warmupSteps, stableSteps, decaySteps, decay, minFactor }: WarmupStableDecaySettings): Schedule =>
  warmupStableDecay(warmupSteps, stableSteps, decaySteps, { decay, minFactor });
