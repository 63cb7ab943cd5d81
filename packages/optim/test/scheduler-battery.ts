import * as optim from "../src/index.js";
import type { AnyOptimizer, Made } from "./battery.js";

export type SchedulerName = Made<optim.LRScheduler>;

/** What the battery needs to know of a scheduler. */
export interface SchedulerRow {
  /** Makes one with options as the fixtures write them. */
  readonly make: (optimizer: AnyOptimizer, options: object) => optim.LRScheduler;
  /** Options that are accepted. */
  readonly options: object;
  readonly refused: readonly (readonly [options: unknown, message: string])[];
  /** It is made of others, whose `lastEpoch` is its own. */
  readonly composed?: true;
  /** It goes on from state dicts only. */
  readonly resumes?: false;
}

/** The functions of time that the fixtures name. */
const functions: Readonly<Record<string, optim.Schedule>> = {
  inverse: (t) => 1 / (1 + t),
  stairs: (t) => 1 / (1 + Math.floor(t / 7)),
  line: (t) => 1 - t / 100,
  stairsOfThree: (cycle) => 1 / (1 + (cycle % 3)),
};

/** Options with functions in the place of their names. */
function named(options: object): object {
  const find = (name: unknown): unknown => functions[name as string] ?? name;
  const { lrLambda, scaleFn, ...rest } = options as Record<string, unknown>;
  const found: Record<string, unknown> = rest;
  if (lrLambda !== undefined) found.lrLambda = Array.isArray(lrLambda) ? lrLambda.map(find) : find(lrLambda);
  if (scaleFn !== undefined) found.scaleFn = find(scaleFn);
  return found;
}

/** A scheduler as the fixtures write it. */
interface Spec {
  readonly kind: SchedulerName;
  readonly options: object;
}

/** The schedulers of one that is made of others; each goes on from `lastEpoch`. */
const parts = (optimizer: AnyOptimizer, options: object): optim.LRScheduler[] => {
  const { schedulers: specs, lastEpoch } = options as { schedulers: Spec[]; lastEpoch?: number };
  return specs.map(({ kind, options: own }) => schedulers[kind].make(optimizer, { ...own, lastEpoch }));
};

const takes = (where: string, names: string): readonly [object, string] => [
  { rate: 5 },
  `${where}: unknown option "rate"\n  hint: it takes ${names}, lastEpoch`,
];

const warm: Spec = { kind: "LinearLR", options: { startFactor: 0.25, totalIters: 3 } };
const decay: Spec = { kind: "ExponentialLR", options: { gamma: 0.9 } };

/** One row for each scheduler: an export without one does not compile. */
export const schedulers: Record<SchedulerName, SchedulerRow> = {
  StepLR: {
    make: (optimizer, options) => new optim.StepLR(optimizer, options as optim.StepLROptions),
    options: { stepSize: 3, gamma: 0.5 },
    refused: [
      [undefined, "StepLR: stepSize must be an integer of 1 or more, got undefined"],
      [{ stepSize: 0 }, "StepLR: stepSize must be an integer of 1 or more, got 0"],
      [{ stepSize: 2.5 }, "StepLR: stepSize must be an integer of 1 or more, got 2.5"],
      [{ stepSize: 5, gamma: NaN }, "StepLR: gamma must be a number, got NaN"],
      [{ step_size: 5 }, 'StepLR: unknown option "step_size"\n  hint: it takes stepSize, gamma, lastEpoch'],
    ],
  },
  MultiStepLR: {
    make: (optimizer, options) => new optim.MultiStepLR(optimizer, options as optim.MultiStepLROptions),
    options: { milestones: [2, 5, 5, 8], gamma: 0.5 },
    refused: [
      [{}, "MultiStepLR: milestones must be a list of integers of 0 or more, got undefined"],
      [{ milestones: [1.5] }, "MultiStepLR: milestones must be a list of integers of 0 or more, got [1.5]"],
      [{ milestones: [3], gamma: "x" }, 'MultiStepLR: gamma must be a number, got "x"'],
      takes("MultiStepLR", "milestones, gamma"),
    ],
  },
  ConstantLR: {
    make: (optimizer, options) => new optim.ConstantLR(optimizer, options),
    options: { factor: 0.5, totalIters: 7 },
    refused: [
      [{ factor: 1.5 }, "ConstantLR: factor must be in [0, 1], got 1.5"],
      [{ factor: -0.5 }, "ConstantLR: factor must be in [0, 1], got -0.5"],
      [{ totalIters: -1 }, "ConstantLR: totalIters must be an integer of 0 or more, got -1"],
      takes("ConstantLR", "factor, totalIters"),
    ],
  },
  LinearLR: {
    make: (optimizer, options) => new optim.LinearLR(optimizer, options),
    options: { startFactor: 0.5, endFactor: 0.75, totalIters: 8 },
    refused: [
      [{ startFactor: 0 }, "LinearLR: startFactor must be in (0, 1], got 0"],
      [{ startFactor: 1.5 }, "LinearLR: startFactor must be in (0, 1], got 1.5"],
      [{ endFactor: -0.5 }, "LinearLR: endFactor must be in [0, 1], got -0.5"],
      [{ totalIters: 0 }, "LinearLR: totalIters must be an integer of 1 or more, got 0"],
      takes("LinearLR", "startFactor, endFactor, totalIters"),
    ],
  },
  ExponentialLR: {
    make: (optimizer, options) => new optim.ExponentialLR(optimizer, options as optim.ExponentialLROptions),
    options: { gamma: 0.9 },
    refused: [[{}, "ExponentialLR: gamma must be a number, got undefined"], takes("ExponentialLR", "gamma")],
  },
  PolynomialLR: {
    make: (optimizer, options) => new optim.PolynomialLR(optimizer, options),
    options: { totalIters: 30, power: 2 },
    refused: [
      [{ totalIters: 0 }, "PolynomialLR: totalIters must be an integer of 1 or more, got 0"],
      [{ power: NaN }, "PolynomialLR: power must be a number, got NaN"],
      takes("PolynomialLR", "totalIters, power"),
    ],
  },
  CosineAnnealingLR: {
    make: (optimizer, options) => new optim.CosineAnnealingLR(optimizer, options as optim.CosineAnnealingLROptions),
    options: { tMax: 4, etaMin: 0.01 },
    refused: [
      [{}, "CosineAnnealingLR: tMax must be a finite number above 0, got undefined"],
      [{ tMax: 0 }, "CosineAnnealingLR: tMax must be a finite number above 0, got 0"],
      [{ tMax: 5, etaMin: "0" }, 'CosineAnnealingLR: etaMin must be a number, got "0"'],
      [{ TMax: 5 }, 'CosineAnnealingLR: unknown option "TMax"\n  hint: it takes tMax, etaMin, lastEpoch'],
    ],
  },
  CosineAnnealingWarmRestarts: {
    make: (optimizer, options) =>
      new optim.CosineAnnealingWarmRestarts(optimizer, options as optim.CosineAnnealingWarmRestartsOptions),
    options: { t0: 3, tMult: 2, etaMin: 0.01 },
    refused: [
      [{}, "CosineAnnealingWarmRestarts: t0 must be an integer of 1 or more, got undefined"],
      [{ t0: 2.5 }, "CosineAnnealingWarmRestarts: t0 must be an integer of 1 or more, got 2.5"],
      [{ t0: 5, tMult: 0 }, "CosineAnnealingWarmRestarts: tMult must be an integer of 1 or more, got 0"],
      [{ t0: 5, etaMin: NaN }, "CosineAnnealingWarmRestarts: etaMin must be a number, got NaN"],
      takes("CosineAnnealingWarmRestarts", "t0, tMult, etaMin"),
    ],
  },
  LambdaLR: {
    make: (optimizer, options) => new optim.LambdaLR(optimizer, named(options) as optim.LambdaLROptions),
    options: { lrLambda: "line" },
    refused: [[{ lrLambda: "none" }, 'LambdaLR: lrLambda must be a function or a list of them, got "none"']],
  },
  MultiplicativeLR: {
    make: (optimizer, options) =>
      new optim.MultiplicativeLR(optimizer, named(options) as optim.MultiplicativeLROptions),
    options: { lrLambda: "line" },
    refused: [[{}, "MultiplicativeLR: lrLambda must be a function or a list of them, got undefined"]],
  },
  CyclicLR: {
    make: (optimizer, options) => new optim.CyclicLR(optimizer, named(options) as optim.CyclicLROptions),
    options: { baseLr: 0.1, maxLr: 0.5, stepSizeUp: 3, stepSizeDown: 5, mode: "triangular2" },
    refused: [
      [{ baseLr: 0.1 }, "CyclicLR: maxLr must be a number or one per group, got undefined"],
      [{ baseLr: [0.1, 0.2], maxLr: 1 }, "CyclicLR: baseLr holds 2 numbers, the optimizer 1 groups"],
      [{ baseLr: 0.1, maxLr: 1, stepSizeUp: 0 }, "CyclicLR: stepSizeUp must be a finite number above 0, got 0"],
      [
        { baseLr: 0.1, maxLr: 1, mode: "exp_range" },
        'CyclicLR: mode must be one of "triangular", "triangular2", "expRange", got "exp_range"',
      ],
      [{ baseLr: 0.1, maxLr: 1, scaleFn: 3 }, "CyclicLR: scaleFn must be a function, got 3"],
      takes(
        "CyclicLR",
        "baseLr, maxLr, stepSizeUp, stepSizeDown, mode, gamma, scaleFn, scaleMode, cycleMomentum, baseMomentum, maxMomentum",
      ),
    ],
  },
  OneCycleLR: {
    make: (optimizer, options) => new optim.OneCycleLR(optimizer, options as optim.OneCycleLROptions),
    options: { maxLr: 0.5, totalSteps: 40, divFactor: 5, cycleMomentum: false },
    refused: [
      [{ maxLr: 1 }, "OneCycleLR: needs totalSteps, or epochs and stepsPerEpoch"],
      [{ maxLr: 1, epochs: 3 }, "OneCycleLR: needs totalSteps, or epochs and stepsPerEpoch"],
      [{ maxLr: 1, totalSteps: 0 }, "OneCycleLR: totalSteps must be an integer of 1 or more, got 0"],
      [
        { maxLr: 1, epochs: 2, stepsPerEpoch: 1.5 },
        "OneCycleLR: stepsPerEpoch must be an integer of 1 or more, got 1.5",
      ],
      [{ maxLr: 1, totalSteps: 9, pctStart: 2 }, "OneCycleLR: pctStart must be in [0, 1], got 2"],
      [
        { maxLr: 1, totalSteps: 9, annealStrategy: "log" },
        'OneCycleLR: annealStrategy must be one of "cos", "linear", got "log"',
      ],
      takes(
        "OneCycleLR",
        "maxLr, totalSteps, epochs, stepsPerEpoch, pctStart, annealStrategy, cycleMomentum, baseMomentum, maxMomentum, divFactor, finalDivFactor, threePhase",
      ),
    ],
  },
  SequentialLR: {
    make: (optimizer, options) => {
      const { milestones } = options as { milestones: number[] };
      return new optim.SequentialLR(optimizer, { schedulers: parts(optimizer, options), milestones });
    },
    composed: true,
    resumes: false,
    options: { schedulers: [warm, decay], milestones: [4] },
    refused: [
      [{ schedulers: [], milestones: [] }, "SequentialLR: schedulers must be a list of them, got []"],
      [
        { schedulers: [warm, decay], milestones: [1, 2] },
        "SequentialLR: needs one milestone less than schedulers, got 2 for 2",
      ],
      [{ schedulers: [warm, decay, warm], milestones: [5, 5] }, "SequentialLR: milestones must rise, got [5, 5]"],
      [
        { schedulers: [warm, decay] },
        "SequentialLR: milestones must be a list of integers of 0 or more, got undefined",
      ],
    ],
  },
  ChainedScheduler: {
    make: (optimizer, options) => new optim.ChainedScheduler(parts(optimizer, options)),
    composed: true,
    options: { schedulers: [warm, decay] },
    refused: [[{ schedulers: [] }, "ChainedScheduler: schedulers must be a list of them, got []"]],
  },
  SWALR: {
    make: (optimizer, options) => new optim.SWALR(optimizer, options as optim.SWALROptions),
    options: { swaLr: 0.02, annealEpochs: 8 },
    refused: [
      [{}, "SWALR: swaLr must be a number or one per group, got undefined"],
      [{ swaLr: 0.1, annealEpochs: -1 }, "SWALR: annealEpochs must be an integer of 0 or more, got -1"],
      [{ swaLr: 0.1, annealStrategy: "log" }, 'SWALR: annealStrategy must be one of "cos", "linear", got "log"'],
      takes("SWALR", "swaLr, annealEpochs, annealStrategy"),
    ],
  },
  WarmupStableDecay: {
    make: (optimizer, options) => new optim.WarmupStableDecay(optimizer, options as optim.WarmupStableDecayOptions),
    options: { warmupSteps: 2, stableSteps: 3, decaySteps: 10, decay: "sqrt", minFactor: 0.1 },
    refused: [
      [{}, "warmupStableDecay: warmupSteps must be an integer of 0 or more, got undefined"],
      [
        { warmupSteps: 1, stableSteps: 1, decaySteps: 0 },
        "warmupStableDecay: decaySteps must be an integer of 1 or more, got 0",
      ],
      [
        { warmupSteps: 1, stableSteps: 1, decaySteps: 1, decay: "exp" },
        'warmupStableDecay: decay must be one of "linear", "cosine", "sqrt", got "exp"',
      ],
      [
        { warmupSteps: 1, stableSteps: 1, decaySteps: 1, minFactor: 2 },
        "warmupStableDecay: minFactor must be in [0, 1], got 2",
      ],
      takes("WarmupStableDecay", "warmupSteps, stableSteps, decaySteps, decay, minFactor"),
    ],
  },
};
