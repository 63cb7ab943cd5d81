/** What is measured, in the order of the table. */
export interface Work {
  /** How it is called in the table. */
  readonly title: string;
  /** Relative difference up to which the contestants' numbers agree. */
  readonly tolerance: number;
  /** Whether each turn is a fresh process, and one step long. */
  readonly cold?: true;
  /** Whether it is for those who work on a GPU. */
  readonly gpu?: true;
}

/** Works whose point is what reading costs. */
export type GpuWorkName = "mlp-64-read-10" | "mlp-64-read-1";

export type WorkName =
  | "program-2"
  | "program-2-compiled"
  | "program-3"
  | "mlp-64-sgd"
  | "mlp-64-adam"
  | "mlp-512-sgd"
  | GpuWorkName
  | "cnn"
  | "block"
  | "gelu"
  | "add"
  | "matmul-512"
  | "matmul-2048"
  | "batch"
  | "first-step"
  | "compile-30"
  | "import";

export const works: Readonly<Record<WorkName, Work>> = {
  "program-2": { title: "program 2, per step, as the lesson writes it", tolerance: 1e-3 },
  "program-2-compiled": { title: "program 2, per step, through compile", tolerance: 1e-3 },
  // Each shuffles with its own generator, so the losses agree only as well as two orders of the same samples do.
  "program-3": { title: "program 3 with its loader, per step", tolerance: 0.02 },
  "mlp-64-sgd": { title: "MLP 784-256-128-10, batch 64, SGD momentum", tolerance: 1e-3 },
  "mlp-64-adam": { title: "MLP 784-256-128-10, batch 64, Adam", tolerance: 1e-3 },
  "mlp-512-sgd": { title: "MLP 784-256-128-10, batch 512, SGD momentum", tolerance: 1e-3 },
  "mlp-64-read-10": { title: "mlp-64-sgd, the loss read at every tenth step", tolerance: 1e-3, gpu: true },
  "mlp-64-read-1": { title: "mlp-64-sgd, the loss awaited at each step", tolerance: 1e-3, gpu: true },
  cnn: { title: "CNN 1-16-32, 3x3, 28x28, batch 64, SGD momentum", tolerance: 1e-3 },
  block: { title: "transformer block, width 128, batch 8 x 64, Adam", tolerance: 1e-3 },
  gelu: { title: "GELU as a chain of 8 ops, 1M values", tolerance: 1e-3 },
  add: { title: "add, 1M values", tolerance: 1e-3 },
  "matmul-512": { title: "matmul 512 x 512", tolerance: 1e-3 },
  "matmul-2048": { title: "matmul 2048 x 2048", tolerance: 1e-3 },
  batch: { title: "a shuffled batch of 64 from 60,000 x 784", tolerance: 1e-3 },
  // Each draws its own initial weights: the first loss is near ln 10 for all.
  "first-step": { title: "first trained step of the MLP, fresh process", tolerance: 0.15, cold: true },
  "compile-30": { title: "a new Program of 30 nodes, fresh process", tolerance: 1e-3, cold: true },
  import: { title: "import of the library, fresh process", tolerance: 0, cold: true },
};

export const workNames: readonly WorkName[] = Object.keys(works) as WorkName[];
