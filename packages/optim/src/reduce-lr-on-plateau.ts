import { checkOptions, everyRun, show, ValueError } from "@downhill/core/engine";
import { checkOptimizer } from "./lr-scheduler.js";
import { perGroup } from "./momentum.js";
import type { OptimizerBase } from "./optimizer-base.js";
import { checkChoice, checkNonNegative, checkNumber, refuse } from "./setting-checks.js";

/** The options of `ReduceLROnPlateau`. */
export interface ReduceLROnPlateauOptions {
  /** Whether the metric is to fall or to rise. Default "min". */
  readonly mode?: "min" | "max";
  /** What the rate is multiplied by, below 1. Default 0.1. */
  readonly factor?: number;
  /** Epochs without improvement that are borne. Default 10. */
  readonly patience?: number;
  /** The least change that is an improvement. Default 1e-4. */
  readonly threshold?: number;
  /** Whether that is a share of the best metric or a number. Default "rel". */
  readonly thresholdMode?: "rel" | "abs";
  /** Epochs after a reduction that do not count. Default 0. */
  readonly cooldown?: number;
  /** The lowest rate, or one per group. Default 0. */
  readonly minLr?: number | readonly number[];
  /** A reduction by no more than this is left out. Default 1e-8. */
  readonly eps?: number;
}

/** What ReduceLROnPlateau remembers. */
export interface ReduceLROnPlateauStateDict {
  readonly mode: "min" | "max";
  readonly factor: number;
  readonly patience: number;
  readonly threshold: number;
  readonly thresholdMode: "rel" | "abs";
  readonly cooldown: number;
  readonly minLr: readonly number[];
  readonly eps: number;
  /** The best metric so far; null before the first. */
  readonly best: number | null;
  readonly numBadEpochs: number;
  readonly cooldownCounter: number;
  readonly lastEpoch: number;
}

/**
 * Multiplies every group's rate by `factor` when a metric has not improved for more than `patience` epochs.
 * Same as torch.optim.lr_scheduler.ReduceLROnPlateau.
 *
 * @example
 * const scheduler = new ReduceLROnPlateau(optimizer, { factor: 0.5, patience: 0 });
 * for (const loss of [1, 0.8, 0.9]) {
 *   optimizer.step();
 *   scheduler.step(loss);
 * }
 * optimizer.paramGroups[0].lr; // 0.05
 */
export class ReduceLROnPlateau {
  readonly optimizer: OptimizerBase<{ lr: number }>;
  #state: ReduceLROnPlateauStateDict;

  constructor(optimizer: OptimizerBase<{ lr: number }>, options: ReduceLROnPlateauOptions = {}) {
    const where = "ReduceLROnPlateau";
    this.optimizer = checkOptimizer(where, optimizer);
    checkOptions(where, options, [
      ...["mode", "factor", "patience", "threshold", "thresholdMode", "cooldown", "minLr", "eps"],
    ]);
    const { mode = "min", factor = 0.1, patience = 10, threshold = 1e-4, thresholdMode = "rel" } = options;
    const { cooldown = 0, minLr = 0, eps = 1e-8 } = options;
    this.#state = {
      ...{ mode, factor, patience, threshold, thresholdMode, cooldown, eps },
      minLr: perGroup(where, "minLr", optimizer, minLr),
      ...{ best: null, numBadEpochs: 0, cooldownCounter: 0, lastEpoch: 0 },
    };
    this.#check(this.#state);
  }

  #check(state: ReduceLROnPlateauStateDict): void {
    checkChoice(this, "mode", state.mode, ["min", "max"]);
    checkNumber(this, "factor", state.factor);
    if (state.factor >= 1) refuse(this, "factor", state.factor, "below 1");
    for (const name of ["patience", "cooldown", "eps"] as const) checkNonNegative(this, name, state[name]);
    checkNumber(this, "threshold", state.threshold);
    checkChoice(this, "thresholdMode", state.thresholdMode, ["rel", "abs"]);
  }

  /** How many times `step()` has been called. */
  get lastEpoch(): number {
    return this.#state.lastEpoch;
  }

  /** The best metric so far; null before the first. */
  get best(): number | null {
    return this.#state.best;
  }

  /** Takes the metric of an epoch into account. */
  step(metric: number): void {
    if (typeof metric !== "number")
      throw new ValueError(
        `ReduceLROnPlateau.step: needs the metric as a number, got ${show(metric)}`,
        "scheduler.step(await loss.item())",
      );
    let [state, rates] = [this.#state, this.getLastLr()];
    everyRun(
      () => {
        [state, rates] = [this.#state, this.getLastLr()];
        this.#advance(metric);
      },
      () => {
        this.#state = state;
        this.optimizer.paramGroups.forEach((group, i) => (group.lr = rates[i]!));
      },
    );
  }

  #advance(metric: number): void {
    const { best, patience, cooldown, cooldownCounter, lastEpoch, ...settings } = this.#state;
    const better = best === null ? !Number.isNaN(metric) : isBetter(metric, best, this.#state);
    const rests = cooldownCounter > 0;
    const bad = better || rests ? 0 : settings.numBadEpochs + 1;
    const reduces = bad > patience;
    this.#state = {
      ...this.#state,
      best: better ? metric : best,
      numBadEpochs: reduces ? 0 : bad,
      cooldownCounter: reduces ? cooldown : Math.max(0, cooldownCounter - 1),
      lastEpoch: lastEpoch + 1,
    };
    if (!reduces) return;
    this.optimizer.paramGroups.forEach((group, i) => {
      const lr = Math.max(group.lr * settings.factor, settings.minLr[i] ?? 0);
      if (group.lr - lr > settings.eps) group.lr = lr;
    });
  }

  /** The groups' rates. */
  getLastLr(): number[] {
    return this.optimizer.paramGroups.map(({ lr }) => lr);
  }

  /** The settings and what is remembered. Save the optimizer's state dict too: the rates are in it. */
  stateDict(): ReduceLROnPlateauStateDict {
    return { ...this.#state, minLr: this.#state.minLr.slice() };
  }

  /**
   * Takes over what `stateDict` returned.
   *
   * @throws ValueError for what no scheduler of this class has returned; nothing has changed then.
   */
  loadStateDict(dict: ReduceLROnPlateauStateDict): void {
    const where = "ReduceLROnPlateau.loadStateDict";
    const names = (of: object): string => Object.keys(of).sort().join(", ");
    const given: unknown = dict;
    const found = given === null || typeof given !== "object" ? show(given) : names(given);
    if (found !== names(this.#state))
      throw new ValueError(
        `${where}: expects ${names(this.#state)}, got ${found}`,
        "is it the state of another scheduler?",
      );
    this.#check(dict);
    for (const name of ["numBadEpochs", "cooldownCounter", "lastEpoch"] as const)
      checkNonNegative(this, name, dict[name]);
    if (dict.best !== null) checkNumber(this, "best", dict.best);
    this.#state = { ...dict, minLr: perGroup(where, "minLr", this.optimizer, dict.minLr) };
  }
}

/** Whether a metric is better than the best so far, by more than the threshold. */
function isBetter(metric: number, best: number, state: ReduceLROnPlateauStateDict): boolean {
  const { mode, threshold, thresholdMode } = state;
  const sign = mode === "min" ? -1 : 1;
  const bound = thresholdMode === "rel" ? best * (1 + sign * threshold) : best + sign * threshold;
  return mode === "min" ? metric < bound : metric > bound;
}
