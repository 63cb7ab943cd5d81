import type { Tensor } from "@downhill/core";
import * as optim from "../src/index.js";

/** The classes among the package's exports that can be made and extend `Base`. */
export type Made<Base> = {
  [Name in keyof typeof optim]: (typeof optim)[Name] extends new (...args: never[]) => Base ? Name : never;
}[keyof typeof optim];

export type OptimizerName = Made<optim.Optimizer<{ lr: number }>>;

export type AnyOptimizer = optim.Optimizer<{ lr: number }>;

/** What the battery needs to know of an optimizer. */
export interface OptimizerRow {
  readonly make: (params: Iterable<Tensor>, options?: object) => AnyOptimizer;
  /** Options that make a step another Program: one set for each that is tested. */
  readonly variants: readonly object[];
  /** Settings that may change between steps of the last variant, and never compile anything. */
  readonly numbers: Readonly<Record<string, unknown>>;
  /** Options that are refused, and how. */
  readonly refused: readonly (readonly [options: object, message: string])[];
  /** It updates matrices only. */
  readonly matrices?: true;
  /** How many times what powers leave open PyTorch's float64 values may be off: the order of sums, differences of powers. */
  readonly slack?: number;
}

const nonNegative = (name: string, where: string): OptimizerRow["refused"] =>
  [-0.1, NaN, "0.1", null].map((value) => [
    { [name]: value },
    `${where}: ${name} must be a number of 0 or more, got ${typeof value === "string" ? `"${value}"` : String(value)}`,
  ]);

const flags = (where: string, ...names: readonly string[]): OptimizerRow["refused"] =>
  names.map((name) => [{ [name]: 1 }, `${where}: ${name} must be true or false, got 1`]);

const unknown = (where: string, takes: string): OptimizerRow["refused"] => [
  [{ learningRate: 0.9 }, `${where}: unknown option "learningRate"\n  hint: it takes ${takes}`],
];

const betas = (where: string): OptimizerRow["refused"] => [
  [{ betas: [1, 0.999] }, `${where}: betas[0] must be in [0, 1), got 1`],
  [{ betas: [0.9, -0.1] }, `${where}: betas[1] must be in [0, 1), got -0.1`],
  [{ betas: [0.9, NaN] }, `${where}: betas[1] must be in [0, 1), got NaN`],
  [{ betas: 0.9 }, `${where}: betas must be two numbers, got 0.9`],
];

const adam = (where: "Adam" | "AdamW"): Omit<OptimizerRow, "make"> => ({
  variants: [
    {},
    { maximize: true },
    { weightDecay: 0.1, decoupledWeightDecay: where === "Adam" },
    { lr: 0.05, betas: [0.8, 0.9], weightDecay: 0.1, amsgrad: true, maximize: true },
  ],
  numbers: { lr: 0.02, betas: [0.5, 0.75], eps: 1e-4, weightDecay: 0.2 },
  refused: [
    ...["lr", "eps", "weightDecay"].flatMap((name) => nonNegative(name, where)),
    ...betas(where),
    ...flags(where, "amsgrad", "maximize", "decoupledWeightDecay"),
    ...unknown(where, "lr, betas, eps, weightDecay, amsgrad, maximize, decoupledWeightDecay"),
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
  Adamax: {
    make: (params, options) => new optim.Adamax(params, options),
    variants: [{}, { lr: 0.05, betas: [0.8, 0.9], weightDecay: 0.1, maximize: true }],
    numbers: { lr: 0.02, betas: [0.5, 0.75], eps: 1e-4, weightDecay: 0.2 },
    refused: [
      ...["lr", "eps", "weightDecay"].flatMap((name) => nonNegative(name, "Adamax")),
      ...betas("Adamax"),
      ...flags("Adamax", "maximize"),
      ...unknown("Adamax", "lr, betas, eps, weightDecay, maximize"),
    ],
  },
  NAdam: {
    make: (params, options) => new optim.NAdam(params, options),
    variants: [
      {},
      { weightDecay: 0.1, decoupledWeightDecay: true },
      { lr: 0.05, betas: [0.8, 0.9], weightDecay: 0.1, momentumDecay: 0.01, maximize: true },
    ],
    numbers: { lr: 0.02, betas: [0.5, 0.75], eps: 1e-4, weightDecay: 0.2, momentumDecay: 0.02 },
    refused: [
      ...["lr", "eps", "weightDecay", "momentumDecay"].flatMap((name) => nonNegative(name, "NAdam")),
      ...betas("NAdam"),
      ...flags("NAdam", "maximize", "decoupledWeightDecay"),
      ...unknown("NAdam", "lr, betas, eps, weightDecay, momentumDecay, decoupledWeightDecay, maximize"),
    ],
  },
  RAdam: {
    make: (params, options) => new optim.RAdam(params, options),
    slack: 8,
    variants: [
      {},
      { weightDecay: 0.1, decoupledWeightDecay: true },
      { lr: 0.05, betas: [0.8, 0.9], weightDecay: 0.1, maximize: true },
    ],
    numbers: { lr: 0.02, betas: [0.5, 0.75], eps: 1e-4, weightDecay: 0.2 },
    refused: [
      ...["lr", "eps", "weightDecay"].flatMap((name) => nonNegative(name, "RAdam")),
      ...betas("RAdam"),
      ...flags("RAdam", "maximize", "decoupledWeightDecay"),
      ...unknown("RAdam", "lr, betas, eps, weightDecay, decoupledWeightDecay, maximize"),
    ],
  },
  Rprop: {
    make: (params, options) => new optim.Rprop(params, options),
    variants: [{}, { lr: 0.05, etas: [0.4, 1.3], maximize: true }],
    numbers: { lr: 0.02, etas: [0.3, 1.1], stepSizes: [1e-3, 1] },
    refused: [
      ...nonNegative("lr", "Rprop"),
      [{ etas: [1, 1.2] }, "Rprop: etas must be a number in (0, 1) and one above 1, got [1, 1.2]"],
      [{ etas: [0.5, 1] }, "Rprop: etas must be a number in (0, 1) and one above 1, got [0.5, 1]"],
      [{ etas: 0.5 }, "Rprop: etas must be two numbers, got 0.5"],
      [{ stepSizes: [0, NaN] }, "Rprop: stepSizes[1] must be a number, got NaN"],
      ...flags("Rprop", "maximize"),
      ...unknown("Rprop", "lr, etas, stepSizes, maximize"),
    ],
  },
  Adagrad: {
    make: (params, options) => new optim.Adagrad(params, options),
    variants: [{}, { lr: 0.1, lrDecay: 0.1, initialAccumulatorValue: 0.5, weightDecay: 0.1, maximize: true }],
    numbers: { lr: 0.02, lrDecay: 0.2, eps: 1e-4, weightDecay: 0.2, initialAccumulatorValue: 0.3 },
    refused: [
      ...["lr", "lrDecay", "weightDecay", "initialAccumulatorValue", "eps"].flatMap((name) =>
        nonNegative(name, "Adagrad"),
      ),
      ...flags("Adagrad", "maximize"),
      ...unknown("Adagrad", "lr, lrDecay, weightDecay, initialAccumulatorValue, eps, maximize"),
    ],
  },
  Adadelta: {
    make: (params, options) => new optim.Adadelta(params, options),
    variants: [{}, { lr: 0.5, rho: 0.8, weightDecay: 0.1, maximize: true }],
    numbers: { lr: 0.2, rho: 0.5, eps: 1e-4, weightDecay: 0.2 },
    refused: [
      ...["lr", "eps", "weightDecay"].flatMap((name) => nonNegative(name, "Adadelta")),
      [{ rho: 1.1 }, "Adadelta: rho must be in [0, 1], got 1.1"],
      [{ rho: -0.1 }, "Adadelta: rho must be in [0, 1], got -0.1"],
      ...flags("Adadelta", "maximize"),
      ...unknown("Adadelta", "lr, rho, eps, weightDecay, maximize"),
    ],
  },
  ASGD: {
    make: (params, options) => new optim.ASGD(params, options),
    variants: [{}, { lr: 0.05, lambd: 0.01, alpha: 0.5, t0: 5, weightDecay: 0.1, maximize: true }],
    numbers: { lr: 0.02, lambd: 0.02, alpha: 0.7, t0: 3, weightDecay: 0.2 },
    refused: [
      ...["lr", "weightDecay"].flatMap((name) => nonNegative(name, "ASGD")),
      [{ t0: NaN }, "ASGD: t0 must be a number, got NaN"],
      ...flags("ASGD", "maximize"),
      ...unknown("ASGD", "lr, lambd, alpha, t0, weightDecay, maximize"),
    ],
  },
  Lion: {
    make: (params, options) => new optim.Lion(params, options),
    variants: [{}, { lr: 0.02, betas: [0.8, 0.95], weightDecay: 0.1, maximize: true }],
    numbers: { lr: 0.02, betas: [0.5, 0.75], weightDecay: 0.2 },
    refused: [
      ...["lr", "weightDecay"].flatMap((name) => nonNegative(name, "Lion")),
      ...betas("Lion"),
      ...flags("Lion", "maximize"),
      ...unknown("Lion", "lr, betas, weightDecay, maximize"),
    ],
  },
  Muon: {
    make: (params, options) => new optim.Muon(params, options),
    matrices: true,
    slack: 4,
    variants: [{}, { nesterov: false }, { lr: 0.05, momentum: 0.8, adjustLrFn: "matchRmsAdamw", nsSteps: 3 }],
    numbers: { lr: 0.02, momentum: 0.5, weightDecay: 0.2, nsCoefficients: [2, -1.5, 0.5], eps: 1e-3 },
    refused: [
      ...["lr", "weightDecay", "momentum", "eps"].flatMap((name) => nonNegative(name, "Muon")),
      [{ nsCoefficients: [1, 2] }, "Muon: nsCoefficients must be three numbers, got [1, 2]"],
      [{ nsCoefficients: [1, 2, NaN] }, "Muon: nsCoefficients[2] must be a number, got NaN"],
      [{ nsSteps: 100 }, "Muon: nsSteps must be in [0, 99], got 100"],
      [{ nsSteps: 2.5 }, "Muon: nsSteps must be an integer, got 2.5"],
      [{ adjustLrFn: "none" }, 'Muon: adjustLrFn must be one of null, "original", "matchRmsAdamw", got "none"'],
      ...flags("Muon", "nesterov"),
      ...unknown("Muon", "lr, weightDecay, momentum, nesterov, nsCoefficients, eps, nsSteps, adjustLrFn"),
    ],
  },
  Adafactor: {
    make: (params, options) => new optim.Adafactor(params, options),
    variants: [{}, { lr: 0.1, eps: [1e-6, 0.1], d: 2, weightDecay: 0.1, maximize: true }],
    numbers: { lr: 0.02, beta2Decay: -0.5, eps: [1e-4, 0.01], d: 1.5, weightDecay: 0.2 },
    refused: [
      ...["lr", "weightDecay"].flatMap((name) => nonNegative(name, "Adafactor")),
      [{ beta2Decay: 0.1 }, "Adafactor: beta2Decay must be a number of 0 or less, got 0.1"],
      [{ eps: [-1, 0] }, "Adafactor: eps[0] must be a number of 0 or more, got -1"],
      [{ eps: [null, null] }, "Adafactor: eps[1] must be a number of 0 or more, got null"],
      [{ d: 0.5 }, "Adafactor: d must be a number of 1 or more, got 0.5"],
      ...flags("Adafactor", "maximize"),
      ...unknown("Adafactor", "lr, beta2Decay, eps, d, weightDecay, maximize"),
    ],
  },
};
