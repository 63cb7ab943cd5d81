import { ValueError } from "@downhill/core";
import { checkCount, everyRun, isTracing, show } from "@downhill/core/engine";
import { setMomentum } from "./momentum.js";
import { OptimizerBase } from "./optimizer-base.js";
import { copySettings } from "./param-group.js";

/** What a group's rate is computed from. */
export interface RateInput {
  /** The `lastEpoch` that the rate is for: 0, 1, 2, … */
  readonly epoch: number;
  /** The group's rate now: the one of the epoch before, or what another scheduler or the caller has made of it. */
  readonly lr: number;
  /** The group's rate before all scheduling. */
  readonly initialLr: number;
  /** The group's place in `optimizer.paramGroups`. */
  readonly group: number;
  /** The scheduler has just been made with a `lastEpoch`, to go on where another stopped. */
  readonly resumed: boolean;
}

/** A scheduler's settings, where it stands, and the rates it has set. Functions are not in it. */
export type LRSchedulerStateDict = Readonly<Record<string, SchedulerSetting>>;

/** What a state dict holds. */
export type SchedulerSetting = number | string | boolean | readonly number[];

/**
 * The base of learning-rate schedulers: at each `step()` sets the rate of every group of an optimizer. A subclass says
 * what a group's next rate is (`rate`). PyTorch's schedulers are chainable: most compute the next rate from the present
 * one, so several on one optimizer multiply, and a rate that is changed by hand stays changed.
 *
 * Same as torch.optim.lr_scheduler.LRScheduler. No rate ever compiles anything.
 *
 * @example
 * class Halving extends LRScheduler {
 *   constructor(optimizer: OptimizerBase<{ lr: number }>) {
 *     super(optimizer, {});
 *   }
 *   protected override rate({ epoch, lr }: RateInput): number {
 *     return epoch === 0 ? lr : lr / 2;
 *   }
 * }
 */
export abstract class LRScheduler<S extends object = object> {
  readonly optimizer: OptimizerBase<{ lr: number }>;
  /** The scheduler's own settings. */
  readonly settings: Readonly<S>;
  /** Each group's rate before all scheduling. */
  baseLrs: number[];
  /** How many times `step()` has been called, beyond the `lastEpoch` that the scheduler was made with. */
  lastEpoch: number;
  /** Rates set, the first of them by the constructor. */
  #stepCount = 0;
  #lastLr: number[] = [];
  /** What the optimizer's step count was when the scheduler was made. */
  readonly #since: number;

  /**
   * @param lastEpoch -1 to begin, and take the groups' rates as initial ones; to go on, the `lastEpoch` of the scheduler
   *   before, with each group's `initialLr` set (an optimizer's state dict holds them).
   */
  constructor(optimizer: OptimizerBase<{ lr: number }>, settings: S, lastEpoch: number = -1) {
    const where = this.constructor.name;
    this.optimizer = checkOptimizer(where, optimizer);
    this.settings = settings;
    this.check(settings);
    this.lastEpoch = checkCount(where, "lastEpoch", lastEpoch, -1);
    optimizer.paramGroups.forEach((group, i) => {
      if (lastEpoch >= 0 && group.initialLr === undefined) {
        throw new ValueError(
          `${where}: initialLr is not set in paramGroups[${i}], but lastEpoch ${lastEpoch} goes on with an earlier schedule`,
          "load the optimizer's state dict first, or set initialLr in each group",
        );
      }
    });
    this.baseLrs = optimizer.paramGroups.map((group) => (group.initialLr ??= group.lr));
    this.#since = optimizer.stepCount;
    this.#advance();
  }

  /** Computes the rate of a group at an epoch: a pure function. */
  protected abstract rate(input: RateInput): number;

  /** Computes the momentum of a group at an epoch, for schedulers that cycle it; null leaves it alone. */
  protected momentum(_epoch: number, _group: number): number | null {
    return null;
  }

  /** @internal The rate of a group at an epoch of this scheduler's own, for schedulers made of others. */
  rateAt(epoch: number, group: number, lr: number): number {
    return this.rate({ epoch, lr, initialLr: this.baseLrs[group] ?? lr, group, resumed: false });
  }

  /** @internal The momentum of a group at an epoch of this scheduler's own. */
  momentumAt(epoch: number, group: number): number | null {
    return this.momentum(epoch, group);
  }

  /** @internal Where a group's rate begins when another scheduler hands over to this one: the rate before all scheduling. */
  beginsAt(group: number, lr: number): number {
    return this.baseLrs[group] ?? lr;
  }

  /** Throws a ValueError for settings that make no sense. */
  protected check(_settings: Readonly<S>): void {
    // A subclass without settings has nothing to check.
  }

  /** Sets the groups' rates for the next epoch (or batch). Call it after `optimizer.step()`. */
  step(): void;
  step(...given: readonly unknown[]): void {
    if (given.some((value) => value !== undefined)) {
      throw new ValueError(
        `${this.constructor.name}.step: takes no epoch, got ${show(given[0])}`,
        "call step() without arguments, or set scheduler.lastEpoch before",
      );
    }
    if (this.#stepCount === 1 && this.optimizer.stepCount === this.#since) {
      const where = this.constructor.name;
      // eslint-disable-next-line no-console -- it is for people
      console.warn(
        `${where}: scheduler.step() was called before optimizer.step(), so the first rate of the schedule is never used. Call optimizer.step() first.`,
      );
    }
    if (!isTracing()) {
      this.#advance();
      return;
    }
    let restore = this.#save();
    everyRun(
      () => {
        restore = this.#save();
        this.#advance();
      },
      () => restore(),
    );
  }

  /** Remembers where the scheduler and the groups' rates stand, and gives what takes them back there. */
  #save(): () => void {
    const { lastEpoch, baseLrs, optimizer } = this;
    const [stepCount, lastLr, bases] = [this.#stepCount, this.#lastLr, baseLrs.slice()];
    const groups = optimizer.paramGroups.map((group) => ({ group, before: { ...group } }));
    return () => {
      this.lastEpoch = lastEpoch;
      this.#stepCount = stepCount;
      this.#lastLr = lastLr;
      this.baseLrs = bases;
      for (const { group, before } of groups) Object.assign(group, before);
    };
  }

  #advance(): void {
    const epoch = this.lastEpoch + 1;
    const resumed = this.#stepCount === 0 && epoch > 0;
    const groups = this.optimizer.paramGroups;
    const rates = groups.map(({ lr, initialLr }, group) => {
      const rate = this.rate({ epoch, lr, initialLr: this.baseLrs[group] ?? initialLr ?? lr, group, resumed });
      if (typeof rate !== "number" || Number.isNaN(rate)) {
        throw new ValueError(`${this.constructor.name}: the rate of group ${group} at epoch ${epoch} is ${show(rate)}`);
      }
      return rate;
    });
    const momenta = groups.map((_, group) => this.momentum(epoch, group));
    // Every rate is known: only now anything changes.
    this.lastEpoch = epoch;
    this.#stepCount++;
    this.#lastLr = rates;
    groups.forEach((group, i) => {
      // A group that has joined since begins with the rate it came with.
      this.baseLrs[i] ??= group.initialLr ??= group.lr;
      group.lr = rates[i]!;
      const momentum = momenta[i]!;
      if (momentum !== null) setMomentum(group, momentum);
    });
  }

  /** The rates that this scheduler has set last, one per group. */
  getLastLr(): number[] {
    return this.#lastLr.slice();
  }

  /** The scheduler's settings and where it stands. Save the optimizer's state dict too: the rates are in it. */
  stateDict(): LRSchedulerStateDict {
    return {
      ...savedSettings(this.settings),
      baseLrs: this.baseLrs.slice(),
      lastEpoch: this.lastEpoch,
      stepCount: this.#stepCount,
      lastLr: this.getLastLr(),
    };
  }

  /**
   * Takes over what `stateDict` returned. Leaves the groups' rates alone: they come with the optimizer's state dict.
   *
   * @throws ValueError for a dict of another scheduler or another number of groups; nothing has changed then.
   */
  loadStateDict(dict: LRSchedulerStateDict): void {
    const where = `${this.constructor.name}.loadStateDict`;
    const own = this.stateDict();
    const names = Object.keys(own).sort().join(", ");
    const found = dict === null || typeof dict !== "object" ? show(dict) : Object.keys(dict).sort().join(", ");
    if (found !== names)
      throw new ValueError(`${where}: expects ${names}, got ${found}`, "is it the state of another scheduler?");
    for (const [name, value] of Object.entries(dict)) {
      const here = own[name];
      const perGroup = name === "baseLrs" || name === "lastLr";
      const fits = Array.isArray(here)
        ? Array.isArray(value) &&
          (!perGroup || value.length === this.optimizer.paramGroups.length) &&
          value.every((x) => typeof x === "number")
        : typeof value === typeof here && !Array.isArray(value);
      if (!fits) throw new ValueError(`${where}: ${name} is ${show(value)}, here it is ${show(here)}`);
    }
    const { baseLrs, lastEpoch, stepCount, lastLr, ...settings } = dict;
    const next = { ...this.settings, ...(settings as Partial<S>) };
    this.check(next);
    Object.assign(this.settings, copySettings(settings));
    this.baseLrs = (baseLrs as number[]).slice();
    this.lastEpoch = lastEpoch as number;
    this.#stepCount = stepCount as number;
    this.#lastLr = (lastLr as number[]).slice();
  }
}

/** The settings that a state dict can hold. */
function savedSettings(settings: object): Record<string, SchedulerSetting> {
  const isSaved = (value: unknown): boolean =>
    ["number", "string", "boolean"].includes(typeof value) ||
    (Array.isArray(value) && value.every((item) => typeof item === "number"));
  const saved = Object.entries(settings).filter(([, value]) => isSaved(value));
  return copySettings(Object.fromEntries(saved)) as Record<string, SchedulerSetting>;
}

/** Throws unless a scheduler's first argument is an optimizer, and returns it. */
export function checkOptimizer<O>(where: string, optimizer: O): O {
  if (optimizer instanceof OptimizerBase) return optimizer;
  throw new ValueError(`${where}: expects an optimizer first, got ${show(optimizer)}`);
}
