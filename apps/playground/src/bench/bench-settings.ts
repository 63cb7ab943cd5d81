/** What can be chosen without writing code. */
export interface BenchSettings {
  readonly data: keyof typeof dataSets;
  readonly noise: number;
  /** Units of each hidden layer. */
  readonly layers: readonly number[];
  readonly activation: (typeof activations)[number];
  readonly optimizer: keyof typeof optimizers;
  readonly rate: number;
  readonly batchSize: number;
  readonly regularization: "none" | "L1" | "L2";
  readonly strength: number;
  readonly seed: number;
}

/** How many points there are to train on, and as many to test. */
export const samples = 300;

interface DataSet {
  readonly title: string;
  /** How it is made, given the noise. */
  readonly make: (noise: number) => string;
  /** The square that is drawn: its centre and half its side. */
  readonly square: readonly [x: number, y: number, half: number];
}

const dataSet = (title: string, square: DataSet["square"], make: DataSet["make"]): DataSet => ({ title, square, make });

export const dataSets: Readonly<Record<"moons" | "circles" | "spirals" | "xor" | "checkerboard" | "blobs", DataSet>> = {
  moons: dataSet("Two moons", [0.5, 0.25, 1.9], (noise) => `synthetic.twoMoons(${samples}, { noise: ${noise} })`),
  circles: dataSet("Circles", [0, 0, 1.5], (noise) => `synthetic.circles(${samples}, { noise: ${noise} })`),
  spirals: dataSet("Spirals", [0, 0, 1.3], (noise) => `synthetic.spirals(${samples}, { noise: ${noise} })`),
  xor: dataSet("Exclusive or", [0, 0, 1.3], (noise) => `synthetic.xor(${samples}, { noise: ${noise} })`),
  checkerboard: dataSet(
    "Checkerboard",
    [0, 0, 1.2],
    (noise) => `synthetic.checkerboard(${samples}, { cells: 3, noise: ${noise} })`,
  ),
  blobs: dataSet(
    "Two clouds",
    [0, 0, 1.9],
    (noise) => `synthetic.blobs(${samples}, { centers: [[-0.6, -0.6], [0.6, 0.6]], std: ${(0.2 + noise).toFixed(2)} })`,
  ),
};

export const activations = ["Tanh", "ReLU", "Sigmoid", "GELU", "SiLU"] as const;

interface OptimizerChoice {
  readonly title: string;
  readonly name: string;
  /** Options beside the rate and the weight decay. */
  readonly options: string;
}

export const optimizers: Readonly<Record<"sgd" | "momentum" | "rmsprop" | "adam" | "adamw", OptimizerChoice>> = {
  sgd: { title: "SGD", name: "SGD", options: "" },
  momentum: { title: "SGD with momentum", name: "SGD", options: ", momentum: 0.9" },
  rmsprop: { title: "RMSprop", name: "RMSprop", options: "" },
  adam: { title: "Adam", name: "Adam", options: "" },
  adamw: { title: "AdamW", name: "AdamW", options: "" },
};

export const rates = [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1] as const;
export const batchSizes = [1, 5, 10, 30, 100, 300] as const;
export const strengths = [0.0001, 0.001, 0.003, 0.01, 0.03, 0.1] as const;

export const firstSettings: BenchSettings = {
  data: "moons",
  noise: 0.1,
  layers: [6, 4],
  activation: "Tanh",
  optimizer: "adam",
  rate: 0.01,
  batchSize: 10,
  regularization: "none",
  strength: 0.001,
  seed: 0,
};
