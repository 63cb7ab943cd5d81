import { checkOptions, show, ValueError } from "@downhill/core/engine";
import { checkOptimizer, LRScheduler, type RateInput } from "./lr-scheduler.js";
import { checkMomentum, perGroup, setMomentum } from "./momentum.js";
import type { OptimizerBase } from "./optimizer-base.js";
import type { Schedule } from "./schedule.js";
import { checkChoice, checkFlag, checkNumber, checkPositive } from "./setting-checks.js";

/** The options of `CyclicLR`. */
export interface CyclicLROptions {
  /** The lowest rate, or one per group. */
  readonly baseLr: number | readonly number[];
  /** The highest rate of the first cycle, or one per group. */
  readonly maxLr: number | readonly number[];
  /** Steps up. Default 2000. */
  readonly stepSizeUp?: number;
  /** Steps down. Default: as many as up. */
  readonly stepSizeDown?: number;
  /** Cycles of one height, of half the height of the one before, or of gamma^step. Default "triangular". */
  readonly mode?: "triangular" | "triangular2" | "expRange";
  /** For "expRange". Default 1. */
  readonly gamma?: number;
  /** The height of a cycle as a function of its number from 1 on, or of the step, in the place of a mode. */
  readonly scaleFn?: Schedule;
  /** What `scaleFn` is a function of. Default "cycle". */
  readonly scaleMode?: "cycle" | "iterations";
  /** Cycle the momentum, or the first beta, too: down where the rate goes up. Default true. */
  readonly cycleMomentum?: boolean;
  /** The lowest momentum, or one per group. Default 0.8. */
  readonly baseMomentum?: number | readonly number[];
  /** The highest momentum, or one per group. Default 0.9. */
  readonly maxMomentum?: number | readonly number[];
  /** The step to go on from. Default -1: begin. */
  readonly lastEpoch?: number;
}

interface CyclicSettings {
  baseLr: number[];
  maxLr: number[];
  stepSizeUp: number;
  stepSizeDown: number;
  mode: string;
  gamma: number;
  scaleFn: Schedule | undefined;
  scaleMode: string;
  cycleMomentum: boolean;
  baseMomentum: number[];
  maxMomentum: number[];
}

/**
 * Lets each group's rate go up and down between two bounds, with the momentum against it; step it after each batch.
 * Same as torch.optim.lr_scheduler.CyclicLR. After Smith, "Cyclical learning rates for training neural networks",
 * https://arxiv.org/abs/1506.01186.
 *
 * @example
 * const sgd = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
 * const scheduler = new CyclicLR(sgd, { baseLr: 0.01, maxLr: 0.1, stepSizeUp: 500, mode: "triangular2" });
 */
export class CyclicLR extends LRScheduler<CyclicSettings> {
  constructor(optimizer: OptimizerBase<{ lr: number }>, options: CyclicLROptions) {
    const where = "CyclicLR";
    checkOptions(where, options, [
      ...["baseLr", "maxLr", "stepSizeUp", "stepSizeDown", "mode", "gamma", "scaleFn", "scaleMode"],
      ...["cycleMomentum", "baseMomentum", "maxMomentum", "lastEpoch"],
    ]);
    checkOptimizer(where, optimizer);
    const { baseLr, maxLr, stepSizeUp = 2000, stepSizeDown = stepSizeUp, lastEpoch = -1 } = { ...options };
    const { mode = "triangular", gamma = 1, scaleFn, scaleMode = "cycle", cycleMomentum = true } = { ...options };
    const { baseMomentum = 0.8, maxMomentum = 0.9 } = { ...options };
    if (scaleFn !== undefined && typeof scaleFn !== "function")
      throw new ValueError(`${where}: scaleFn must be a function, got ${show(scaleFn)}`);
    if (cycleMomentum) checkMomentum(where, optimizer);
    const settings: CyclicSettings = {
      baseLr: perGroup(where, "baseLr", optimizer, baseLr),
      maxLr: perGroup(where, "maxLr", optimizer, maxLr),
      stepSizeUp,
      stepSizeDown,
      mode,
      gamma,
      scaleFn,
      scaleMode: scaleFn !== undefined ? scaleMode : mode === "expRange" ? "iterations" : "cycle",
      cycleMomentum,
      baseMomentum: perGroup(where, "baseMomentum", optimizer, baseMomentum),
      maxMomentum: perGroup(where, "maxMomentum", optimizer, maxMomentum),
    };
    if (lastEpoch === -1) {
      optimizer.paramGroups.forEach((group, i) => {
        group.lr = settings.baseLr[i]!;
        if (cycleMomentum) setMomentum(group, settings.baseMomentum[i]!);
      });
    }
    super(optimizer, settings, lastEpoch);
    this.baseLrs = settings.baseLr.slice();
  }

  protected override check(settings: Readonly<CyclicSettings>): void {
    checkPositive("CyclicLR", "stepSizeUp", settings.stepSizeUp);
    checkPositive("CyclicLR", "stepSizeDown", settings.stepSizeDown);
    checkChoice(this, "mode", settings.mode, ["triangular", "triangular2", "expRange"]);
    checkNumber(this, "gamma", settings.gamma);
    checkChoice(this, "scaleMode", settings.scaleMode, ["cycle", "iterations"]);
    checkFlag(this, "cycleMomentum", settings.cycleMomentum);
  }

  protected override rate({ epoch, lr, group }: RateInput): number {
    const { [group]: base } = this.settings.baseLr;
    return base === undefined ? lr : base + (this.settings.maxLr[group]! - base) * heightAt(epoch, this.settings);
  }

  protected override momentum(epoch: number, group: number): number | null {
    const { cycleMomentum, baseMomentum, maxMomentum } = this.settings;
    const most = maxMomentum[group];
    return cycleMomentum && most !== undefined
      ? most - (most - baseMomentum[group]!) * heightAt(epoch, this.settings)
      : null;
  }
}

/** How high the wave stands at a step: in the first cycle 0 at its ends, 1 at its peak. */
function heightAt(step: number, settings: CyclicSettings): number {
  const { stepSizeUp, stepSizeDown, mode, gamma, scaleFn, scaleMode } = settings;
  const total = stepSizeUp + stepSizeDown;
  const peak = stepSizeUp / total;
  const cycle = Math.floor(1 + step / total);
  const x = 1 + step / total - cycle;
  const wave = x <= peak ? x / peak : (x - 1) / (peak - 1);
  if (scaleFn !== undefined) return wave * scaleFn(scaleMode === "cycle" ? cycle : step);
  if (mode === "triangular2") return wave * (1 / 2 ** (cycle - 1));
  return mode === "expRange" ? wave * gamma ** step : wave;
}
