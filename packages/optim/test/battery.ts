import type { Tensor } from "@downhill/core";
import * as optim from "../src/index.js";

/** The classes among the package's exports that can be made and extend `Base`. */
type Made<Base> = {
  [Name in keyof typeof optim]: (typeof optim)[Name] extends new (...args: never[]) => Base ? Name : never;
}[keyof typeof optim];

export type OptimizerName = Made<optim.Optimizer<{ lr: number }>>;
export type SchedulerName = Made<optim.LRScheduler>;

type AnyOptimizer = optim.Optimizer<{ lr: number }>;

/** What the battery needs to know of an optimizer. */
export interface OptimizerRow {
  readonly make: (params: Iterable<Tensor>, options?: object) => AnyOptimizer;
  /** Options that make a step another Program: one set for each that is tested. */
  readonly variants: readonly object[];
  /** Settings that may change between steps of the last variant, and never compile anything. */
  readonly numbers: Readonly<Record<string, unknown>>;
  /** Options that are refused, and how. */
  readonly refused: readonly (readonly [options: object, message: string])[];
}

const nonNegative = (name: string, where: string): OptimizerRow["refused"] =>
  [-0.1, NaN, "0.1", null].map((value) => [
    { [name]: value },
    `${where}: ${name} must be a number of 0 or more, got ${typeof value === "string" ? `"${value}"` : String(value)}`,
  ]);

const adam = (where: "Adam" | "AdamW"): Omit<OptimizerRow, "make"> => ({
  variants: [{}, { maximize: true }, { lr: 0.05, betas: [0.8, 0.9], weightDecay: 0.1, amsgrad: true, maximize: true }],
  numbers: { lr: 0.02, betas: [0.5, 0.75], eps: 1e-4, weightDecay: 0.2 },
  refused: [
    ...["lr", "eps", "weightDecay"].flatMap((name) => nonNegative(name, where)),
    [{ betas: [1, 0.999] }, `${where}: betas[0] must be in [0, 1), got 1`],
    [{ betas: [0.9, -0.1] }, `${where}: betas[1] must be in [0, 1), got -0.1`],
    [{ betas: [0.9, NaN] }, `${where}: betas[1] must be in [0, 1), got NaN`],
    [{ betas: 0.9 }, `${where}: betas must be two numbers, got 0.9`],
    [{ amsgrad: 1 }, `${where}: amsgrad must be true or false, got 1`],
    [
      { beta1: 0.9 },
      `${where}: unknown option "beta1"\n  hint: it takes lr, betas, eps, weightDecay, amsgrad, maximize`,
    ],
  ],
});

/** One row for each optimizer: an export without one does not compile. */
export const optimizers: Record<OptimizerName, OptimizerRow> = {
  SGD: {
    make: (params, options) => new optim.SGD(params, options),
    variants: [
      {},
      { momentum: 0.9 },
      { momentum: 0.9, nesterov: true },
      { lr: 0.1, momentum: 0.9, dampening: 0.5, weightDecay: 0.1, maximize: true },
    ],
    numbers: { lr: 0.01, momentum: 0.5, dampening: 0.25, weightDecay: 0.2 },
    refused: [
      ...["lr", "momentum", "weightDecay"].flatMap((name) => nonNegative(name, "SGD")),
      [{ dampening: NaN }, "SGD: dampening must be a number, got NaN"],
      [{ nesterov: "yes" }, 'SGD: nesterov must be true or false, got "yes"'],
      [
        { learningRate: 0.1 },
        'SGD: unknown option "learningRate"\n  hint: it takes lr, momentum, dampening, weightDecay, nesterov, maximize',
      ],
    ],
  },
  RMSprop: {
    make: (params, options) => new optim.RMSprop(params, options),
    variants: [{}, { centered: true }, { lr: 0.05, momentum: 0.8, centered: true, weightDecay: 0.1, maximize: true }],
    numbers: { lr: 0.01, alpha: 0.5, eps: 1e-4, weightDecay: 0.2, momentum: 0.5 },
    refused: [
      ...["lr", "alpha", "eps", "weightDecay", "momentum"].flatMap((name) => nonNegative(name, "RMSprop")),
      [{ centered: 0 }, "RMSprop: centered must be true or false, got 0"],
      [
        { beta: 0.9 },
        'RMSprop: unknown option "beta"\n  hint: it takes lr, alpha, eps, weightDecay, momentum, centered, maximize',
      ],
    ],
  },
  Adam: { make: (params, options) => new optim.Adam(params, options), ...adam("Adam") },
  AdamW: { make: (params, options) => new optim.AdamW(params, options), ...adam("AdamW") },
};

/** What the battery needs to know of a scheduler. */
export interface SchedulerRow {
  /** Makes one with options as the fixtures write them. */
  readonly make: (optimizer: AnyOptimizer, options: object) => optim.LRScheduler;
  /** Options that are accepted. */
  readonly options: object;
  readonly refused: readonly (readonly [options: unknown, message: string])[];
}

/** The functions of time that the fixtures name. */
const lambdas: Readonly<Record<string, optim.Schedule>> = {
  inverse: (t) => 1 / (1 + t),
  stairs: (t) => 1 / (1 + Math.floor(t / 7)),
  line: (t) => 1 - t / 100,
};

function named(options: object): optim.LambdaLROptions {
  const { lrLambda } = options as { lrLambda: string | string[] };
  return {
    ...options,
    lrLambda: typeof lrLambda === "string" ? lambdas[lrLambda]! : lrLambda.map((name) => lambdas[name]!),
  };
}

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
  LambdaLR: {
    make: (optimizer, options) => new optim.LambdaLR(optimizer, named(options)),
    options: { lrLambda: "line" },
    refused: [],
  },
};
