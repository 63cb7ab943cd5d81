/** What a step costs that no machine changes: kernels, programs, bytes of the arena, allocations. */
import { memoryUsage } from "node:process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it, vi } from "vitest";
import {
  compile,
  defaultDevice,
  explain,
  type ExplainedProgram,
  manualSeed,
  memoryStats,
  noGrad,
  rand,
  randint,
  randn,
  type Tensor,
  tensor,
} from "@downhill/core";
import type { DeviceMemory } from "@downhill/core/engine";
import { DataLoader, TensorDataset } from "@downhill/data";
import {
  CrossEntropyLoss,
  LayerNorm,
  Linear,
  Module,
  MSELoss,
  MultiheadAttention,
  ReLU,
  Sequential,
} from "@downhill/nn";
import {
  Adadelta,
  Adafactor,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  ASGD,
  Lion,
  Muon,
  NAdam,
  RAdam,
  RMSprop,
  Rprop,
  SGD,
} from "@downhill/optim";

/** The Programs of a step that has run often enough to be in its steady state. */
function steady(step: () => unknown): readonly ExplainedProgram[] {
  for (let i = 0; i < 3; i++) step();
  return explain(step, { print: false }).programs;
}

const count = (programs: readonly ExplainedProgram[]): number =>
  programs.reduce((all, { kernels }) => all + kernels.length, 0);

/** One compiled Program that has been there before, and nothing of it interpreted. */
function expectOneProgram(programs: readonly ExplainedProgram[]): void {
  expect(programs).toMatchObject([{ tier: "compiled", isNew: false, runs: 1 }]);
  expect(programs[0]!.kernels.filter((kernel) => kernel.interpreted)).toEqual([]);
}

interface Steps {
  zeroGrad(): void;
  step(): unknown;
}

function mlp(): Sequential {
  manualSeed(0);
  return new Sequential(new Linear(784, 256), new ReLU(), new Linear(256, 128), new ReLU(), new Linear(128, 10));
}

function mlpStep(model: Sequential, optimizer: Steps, batch = 64): () => Tensor {
  const criterion = new CrossEntropyLoss();
  const x = rand([batch, 784]);
  const y = randint(0, 10, [batch]);
  return () => {
    optimizer.zeroGrad();
    const loss = criterion.forward(model.forward(x), y);
    loss.backward();
    optimizer.step();
    return loss;
  };
}

/** A transformer block, norm first: width 128, 4 heads. */
class Block extends Module {
  norm1 = new LayerNorm(128);
  attention = new MultiheadAttention(128, 4, { batchFirst: true });
  norm2 = new LayerNorm(128);
  up = new Linear(128, 512);
  down = new Linear(512, 128);

  override forward(x: Tensor): Tensor {
    const normed = this.norm1.forward(x);
    const mixed = x.add(this.attention.forward(normed, normed, normed, { needWeights: false })[0]);
    return mixed.add(this.down.forward(this.up.forward(this.norm2.forward(mixed)).gelu()));
  }
}

function blockStep(): () => Tensor {
  manualSeed(0);
  const block = new Block();
  const optimizer = new Adam(block.parameters());
  const criterion = new MSELoss();
  const x = randn([8, 64, 128]);
  const y = randn([8, 64, 128]);
  return () => {
    optimizer.zeroGrad();
    const loss = criterion.forward(block.forward(x), y);
    loss.backward();
    optimizer.step();
    return loss;
  };
}

/** Program 2 of the lesson: a step on one sample after the other. */
function program2(): () => Tensor {
  manualSeed(0);
  const X = rand([100, 1]).mul(10);
  const y = X.mul(2).add(3);
  const model = new Linear(1, 1);
  const criterion = new MSELoss();
  const optimizer = new SGD(model.parameters(), { lr: 0.01 });
  let i = 0;
  return () => {
    optimizer.zeroGrad();
    const loss = criterion.forward(model.forward(X.at(i)), y.at(i));
    loss.backward();
    optimizer.step();
    i = (i + 1) % 100;
    return loss;
  };
}

/** The same step, on one sample. */
function program2Step(): () => Tensor {
  const model = new Linear(1, 1);
  const optimizer = new SGD(model.parameters(), { lr: 0.01 });
  const criterion = new MSELoss();
  const [x, y] = [tensor([2]), tensor([7])];
  return () => {
    optimizer.zeroGrad();
    const loss = criterion.forward(model.forward(x), y);
    loss.backward();
    optimizer.step();
    return loss;
  };
}

/** Program 3 of the lesson: shuffled mini-batches of ten, one epoch for each call. */
function program3(samples = 100): () => Tensor {
  manualSeed(0);
  const X = rand([samples, 1]).mul(10);
  const y = X.mul(2).add(3);
  const model = new Linear(1, 1);
  const criterion = new MSELoss();
  const optimizer = new SGD(model.parameters(), { lr: 0.01 });
  const loader = new DataLoader(new TensorDataset(X, y), { batchSize: 10, shuffle: true });
  return () => {
    let loss: Tensor | undefined;
    for (const [batchX, batchY] of loader) {
      optimizer.zeroGrad();
      loss = criterion.forward(model.forward(batchX), batchY);
      loss.backward();
      optimizer.step();
    }
    return loss!;
  };
}

const optimizers: Readonly<Record<string, (model: Module) => Steps>> = {
  SGD: (model) => new SGD(model.parameters(), { lr: 0.01 }),
  "SGD with momentum": (model) => new SGD(model.parameters(), { lr: 0.01, momentum: 0.9 }),
  RMSprop: (model) => new RMSprop(model.parameters()),
  Adam: (model) => new Adam(model.parameters()),
  AdamW: (model) => new AdamW(model.parameters()),
  Adamax: (model) => new Adamax(model.parameters()),
  NAdam: (model) => new NAdam(model.parameters()),
  RAdam: (model) => new RAdam(model.parameters()),
  Rprop: (model) => new Rprop(model.parameters()),
  Adagrad: (model) => new Adagrad(model.parameters()),
  Adadelta: (model) => new Adadelta(model.parameters()),
  ASGD: (model) => new ASGD(model.parameters()),
  Lion: (model) => new Lion(model.parameters()),
};

describe("kernels per step", () => {
  it("descent by hand, with tensors: one", () => {
    const X = tensor([1, 2, 3, 4]);
    const y = tensor([2, 4, 6, 8]);
    let w = tensor(0, { requiresGrad: true });
    const step = (): void => {
      const loss = X.mul(w).sub(y).square().mean();
      loss.backward();
      w = noGrad(() => w.sub(w.grad!.mul(0.01))).requiresGrad_();
    };
    steady(step); // without an optimizer a turn is computed in the next one, unless somebody asks for it as here
    const programs = explain(step, { print: false }).programs;
    expectOneProgram(programs);
    expect(count(programs)).toBe(1);
  });

  it("program 2 of the lesson: one", () => {
    const programs = steady(program2());
    expectOneProgram(programs);
    expect(count(programs)).toBe(1);
  });

  it("program 3 of the lesson: one, and the batch's two gathers", () => {
    const programs = steady(program3());
    expect(programs).toMatchObject([{ tier: "compiled", isNew: false, runs: 10 }]);
    expect(programs[0]!.kernels.map(({ kind }) => kind)).toEqual(["node", "node", "loop"]);
    expect(programs[0]!.kernels.some((kernel) => kernel.interpreted)).toBe(false);
  });

  it.each(Object.keys(optimizers))(
    "the MLP with %s: 24 of which 8 are matrix products; the updates add none",
    (name) => {
      const model = mlp();
      const programs = steady(mlpStep(model, optimizers[name]!(model)));
      expectOneProgram(programs);
      const { kernels } = programs[0]!;
      expect(kernels.filter(({ kind }) => kind === "matmul")).toHaveLength(8);
      expect(kernels.length).toBeLessThanOrEqual(24);
      expect(kernels.flatMap(({ writes }) => writes).filter(({ inPlace }) => inPlace).length).toBeGreaterThanOrEqual(6);
    },
  );

  // Sums and products of whole tensors, which no loop over single elements holds.
  it.each([
    ["Adafactor", (model: Module) => new Adafactor(model.parameters()), 8, 39],
    ["Muon", (model: Module) => new Muon([...model.parameters()].filter(({ ndim }) => ndim === 2)), 53, 105],
  ] as const)("the MLP with %s: a fixed number for each matrix and vector", (_, make, matmuls, all) => {
    const model = mlp();
    const programs = steady(mlpStep(model, make(model)));
    expectOneProgram(programs);
    const { kernels } = programs[0]!;
    expect(kernels.filter(({ kind }) => kind === "matmul")).toHaveLength(matmuls);
    expect(kernels.length).toBeLessThanOrEqual(all);
  });

  it("a transformer block with Adam: 45 of which 18 are matrix products", () => {
    const programs = steady(blockStep());
    expectOneProgram(programs);
    const { kernels } = programs[0]!;
    expect(kernels.filter(({ kind }) => kind === "matmul")).toHaveLength(18);
    expect(kernels.length).toBeLessThanOrEqual(45);
  });

  it("softmax, layer norm and a loss are a few loops", () => {
    const x = rand([32, 64]);
    const norm = new LayerNorm(64);
    const criterion = new CrossEntropyLoss();
    const y = randint(0, 64, [32]);
    const kernelsOf = (fn: () => unknown): number => count(steady(() => noGrad(fn)));
    expect(kernelsOf(() => x.softmax(1))).toBe(3); // the greatest, the sum, the quotient
    expect(kernelsOf(() => norm.forward(x))).toBe(3); // the mean, the variance, the result
    expect(kernelsOf(() => criterion.forward(x, y))).toBeLessThanOrEqual(5);
    expect(
      kernelsOf(() =>
        x.mul(0.5).mul(
          x
            .div(2 ** 0.5)
            .erf()
            .add(1),
        ),
      ),
    ).toBe(1);
  });

  it("forward and backward of the MLP make at most 2.5 times the kernels of forward", () => {
    const model = mlp();
    const criterion = new CrossEntropyLoss();
    const x = rand([64, 784]);
    const y = randint(0, 10, [64]);
    const forward = steady(() => noGrad(() => criterion.forward(model.forward(x), y)));
    const both = steady(() => {
      model.zeroGrad();
      criterion.forward(model.forward(x), y).backward();
    });
    expect(count(both)).toBeLessThanOrEqual(2.5 * count(forward));
  });
});

describe("programs compiled", () => {
  it("over epochs with a last smaller batch: two, in the first epoch", () => {
    const { programs } = defaultDevice();
    const epoch = program3(95);
    explain(() => 0, { print: false }); // computes what is pending
    const before = programs.compiled;
    epoch();
    const first = programs.compiled - before;
    for (let i = 0; i < 5; i++) epoch();
    expect(programs.compiled - before).toBe(first);
    expect(first).toBeLessThanOrEqual(3);
    expect(explain(epoch, { print: false }).programs.map(({ runs }) => runs)).toEqual([9, 1]);
  });
});

describe("the arena", () => {
  const model = mlp();
  it.each([
    ["program 2", program2()],
    ["program 3", program3()],
    ["the MLP with momentum", mlpStep(model, optimizers["SGD with momentum"]!(model))],
    ["the MLP with Adam", mlpStep(model, optimizers.Adam!(model))],
    ["a transformer block", blockStep()],
  ])("of %s is at most 1.15 times what is alive at one time", (_, step) => {
    for (const { arenaBytes, lowerBound } of steady(step)) {
      expect(lowerBound).toBeGreaterThan(0);
      expect(arenaBytes).toBeLessThanOrEqual(1.15 * lowerBound);
    }
  });
});

describe("a steady loop", () => {
  const memory = defaultDevice().backend.memory as DeviceMemory & { allocate(bytes: number): number };
  const growth = (step: () => unknown, turns: number): number => {
    for (let i = 0; i < 5; i++) step();
    const { live } = memoryStats();
    for (let i = 0; i < turns; i++) step();
    return memoryStats().live - live;
  };

  it.each([
    ["program 2", program2(), 200],
    ["program 3", program3(), 20],
    ["a compiled program 2", compile(program2Step()), 200],
  ])("%s asks for no block of the WebAssembly memory", (_, step, turns) => {
    for (let i = 0; i < 5; i++) step();
    const allocate = vi.spyOn(memory, "allocate");
    try {
      expect(growth(step, turns)).toBe(0);
      expect(allocate).not.toHaveBeenCalled();
    } finally {
      allocate.mockRestore();
    }
  });

  it.each([
    ["the MLP with momentum", "SGD with momentum"],
    ["the MLP with Adam", "Adam"],
  ])(
    "%s adds no byte to the WebAssembly memory, compiled or not: gradients take the place of those before",
    (_, name) => {
      const model = mlp();
      const step = mlpStep(model, optimizers[name]!(model), 16);
      expect(growth(step, 40)).toBe(0);
      expect(growth(compile(step), 40)).toBe(0);
    },
  );

  it("a compiled transformer block adds no byte to the WebAssembly memory", () => {
    // Uncompiled, what its forward returns is the caller's: the garbage collector's, 256 KiB a step.
    expect(growth(compile(blockStep()), 10)).toBe(0);
  });

  it("200,000 steps of program 2 without a turn of the event loop hold memory flat", async () => {
    const step = program2();
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const held = (): number => {
      collect();
      const { heapUsed, external } = memoryUsage();
      return heapUsed + external;
    };
    for (let i = 0; i < 20_000; i++) step();
    const before = held();
    for (let i = 0; i < 200_000; i++) step();
    expect(held() - before).toBeLessThan(2 ** 20);
    expect(Number.isFinite(await step().item())).toBe(true);
  }, 60_000);
});
