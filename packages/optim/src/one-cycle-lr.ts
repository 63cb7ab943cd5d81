import { checkOptions, show, ValueError } from "@downhill/core/engine";
import { checkOptimizer, LRScheduler, type RateInput } from "./lr-scheduler.js";
import { checkMomentum, perGroup } from "./momentum.js";
import type { OptimizerBase } from "./optimizer-base.js";
import { checkBetween, checkChoice, checkFlag, checkPositive } from "./setting-checks.js";

/** The options of `OneCycleLR`. */
export interface OneCycleLROptions {
  /** The highest rate, or one per group. */
  readonly maxLr: number | readonly number[];
  /** Steps of the cycle; or `epochs` and `stepsPerEpoch`. */
  readonly totalSteps?: number;
  readonly epochs?: number;
  readonly stepsPerEpoch?: number;
  /** The share of steps in which the rate rises. Default 0.3. */
  readonly pctStart?: number;
  /** The form of rise and fall. Default "cos". */
  readonly annealStrategy?: "cos" | "linear";
  /** Cycle the momentum, or the first beta, too: down where the rate goes up. Default true. */
  readonly cycleMomentum?: boolean;
  /** The lowest momentum, or one per group. Default 0.85. */
  readonly baseMomentum?: number | readonly number[];
  /** The highest momentum, or one per group. Default 0.95. */
  readonly maxMomentum?: number | readonly number[];
  /** The first rate is maxLr / divFactor. Default 25. */
  readonly divFactor?: number;
  /** The last rate is the first one / finalDivFactor. Default 1e4. */
  readonly finalDivFactor?: number;
  /** Fall to the first rate as fast as it rose, and from there to the last one. Default false. */
  readonly threePhase?: boolean;
  /** The step to go on from. Default -1: begin. */
  readonly lastEpoch?: number;
}

interface OneCycleSettings {
  maxLr: number[];
  totalSteps: number;
  pctStart: number;
  annealStrategy: string;
  cycleMomentum: boolean;
  baseMomentum: number[];
  maxMomentum: number[];
  divFactor: number;
  finalDivFactor: number;
  threePhase: boolean;
}

/** Part of the cycle: up to which step, and from where to where. */
type Phase = readonly [end: number, from: number, to: number];

/**
 * Lets each group's rate rise from maxLr / divFactor to maxLr and fall to almost nothing, with the momentum against it;
 * step it after each batch. Same as torch.optim.lr_scheduler.OneCycleLR.
 * After Smith and Topin, "Super-convergence", https://arxiv.org/abs/1708.07120.
 *
 * @example
 * const sgd = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
 * const scheduler = new OneCycleLR(sgd, { maxLr: 0.1, epochs: 10, stepsPerEpoch: 100 });
 */
export class OneCycleLR extends LRScheduler<OneCycleSettings> {
  constructor(optimizer: OptimizerBase<{ lr: number }>, options: OneCycleLROptions) {
    const where = "OneCycleLR";
    checkOptions(where, options, [
      ...["maxLr", "totalSteps", "epochs", "stepsPerEpoch", "pctStart", "annealStrategy", "cycleMomentum"],
      ...["baseMomentum", "maxMomentum", "divFactor", "finalDivFactor", "threePhase", "lastEpoch"],
    ]);
    checkOptimizer(where, optimizer);
    const { maxLr, pctStart = 0.3, annealStrategy = "cos", cycleMomentum = true, lastEpoch = -1 } = { ...options };
    const { baseMomentum = 0.85, maxMomentum = 0.95, divFactor = 25, finalDivFactor = 1e4 } = { ...options };
    if (cycleMomentum) checkMomentum(where, optimizer);
    const settings: OneCycleSettings = {
      maxLr: perGroup(where, "maxLr", optimizer, maxLr),
      totalSteps: stepsOf({ ...options }),
      pctStart,
      annealStrategy,
      cycleMomentum,
      baseMomentum: perGroup(where, "baseMomentum", optimizer, baseMomentum),
      maxMomentum: perGroup(where, "maxMomentum", optimizer, maxMomentum),
      divFactor,
      finalDivFactor,
      threePhase: options.threePhase ?? false,
    };
    if (lastEpoch === -1) {
      optimizer.paramGroups.forEach((group, i) => {
        group.initialLr = settings.maxLr[i]! / divFactor;
      });
    }
    super(optimizer, settings, lastEpoch);
  }

  protected override check(settings: Readonly<OneCycleSettings>): void {
    checkBetween(this, "pctStart", settings.pctStart, 0, 1);
    checkChoice(this, "annealStrategy", settings.annealStrategy, ["cos", "linear"]);
    checkFlag(this, "cycleMomentum", settings.cycleMomentum);
    checkPositive("OneCycleLR", "divFactor", settings.divFactor);
    checkPositive("OneCycleLR", "finalDivFactor", settings.finalDivFactor);
    checkFlag(this, "threePhase", settings.threePhase);
  }

  protected override rate({ epoch, lr, group }: RateInput): number {
    const { maxLr, divFactor, finalDivFactor } = this.settings;
    const most = maxLr[group];
    if (most === undefined) return lr;
    const first = most / divFactor;
    return levelAt(epoch, this.settings, first / finalDivFactor, first, most);
  }

  protected override momentum(epoch: number, group: number): number | null {
    const { cycleMomentum, baseMomentum, maxMomentum } = this.settings;
    const most = maxMomentum[group];
    return cycleMomentum && most !== undefined ? levelAt(epoch, this.settings, most, most, baseMomentum[group]!) : null;
  }
}

/** How far the cycle is at a step: from `first` to `most` and, perhaps over `first` again, to `least`. */
function levelAt(
  step: number,
  { totalSteps, pctStart, threePhase, annealStrategy }: OneCycleSettings,
  least: number,
  first: number,
  most: number,
): number {
  if (step > totalSteps)
    throw new ValueError(`OneCycleLR: step ${step + 1} is one too many for totalSteps ${totalSteps}`);
  const rise = pctStart * totalSteps - 1;
  const phases: Phase[] = threePhase
    ? [
        [rise, first, most],
        [2 * pctStart * totalSteps - 2, most, first],
        [totalSteps - 1, first, least],
      ]
    : [
        [rise, first, most],
        [totalSteps - 1, most, least],
      ];
  const at = phases.findIndex(([end], i) => step <= end || i === phases.length - 1);
  const [end, from, to] = phases[at]!;
  const begin = phases[at - 1]?.[0] ?? 0;
  const share = (step - begin) / (end - begin);
  if (annealStrategy === "linear") return (to - from) * share + from;
  return to + ((from - to) / 2) * (Math.cos(Math.PI * share) + 1);
}

function stepsOf({ totalSteps, epochs, stepsPerEpoch }: Partial<OneCycleLROptions>): number {
  if (totalSteps === undefined && (epochs === undefined || stepsPerEpoch === undefined))
    throw new ValueError("OneCycleLR: needs totalSteps, or epochs and stepsPerEpoch");
  const given = totalSteps === undefined ? { epochs, stepsPerEpoch } : { totalSteps };
  for (const [name, value] of Object.entries(given)) {
    if (!Number.isInteger(value) || !(value! >= 1))
      throw new ValueError(`OneCycleLR: ${name} must be an integer of 1 or more, got ${show(value)}`);
  }
  return totalSteps ?? epochs! * stepsPerEpoch!;
}
