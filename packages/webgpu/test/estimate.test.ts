import {
  compile,
  type Device,
  estimateMemory,
  largestBatch,
  manualSeed,
  MemoryError,
  randint,
  randn,
  resetPeakMemoryStats,
  setDefaultDevice,
  type Tensor,
} from "@downhill/core";
import { Conv2d, CrossEntropyLoss, Flatten, Linear, MaxPool2d, type Module, ReLU, Sequential } from "@downhill/nn";
import { Adam } from "@downhill/optim";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { collect } from "./collect.js";
import { openSoftwareDevice } from "./open-device.js";

let device: Device;

beforeEach(async () => {
  device = await openSoftwareDevice();
  setDefaultDevice(device);
  manualSeed(0);
});

afterEach(() => setDefaultDevice("cpu"));

type Classifier = Module & { forward(x: Tensor): Tensor };
interface Case {
  readonly make: () => Classifier;
  readonly sample: readonly number[];
}

const mlp: Case = {
  make: () => new Sequential(new Linear(784, 64), new ReLU(), new Linear(64, 10)),
  sample: [784],
};

const cnn: Case = {
  make: () =>
    new Sequential(
      new Conv2d(1, 4, 3, { padding: 1 }),
      new ReLU(),
      new MaxPool2d(2),
      new Conv2d(4, 8, 3, { padding: 1 }),
      new ReLU(),
      new MaxPool2d(2),
      new Flatten(),
      new Linear(128, 10),
    ),
  sample: [1, 16, 16],
};

/** The documented step, with Adam. */
function stepOf(model: Classifier): (x: Tensor, labels: Tensor) => Tensor {
  const criterion = new CrossEntropyLoss();
  const optimizer = new Adam(model.parameters());
  return (x, labels) => {
    optimizer.zeroGrad();
    const loss = criterion.forward(model.forward(x), labels);
    loss.backward();
    optimizer.step();
    return loss;
  };
}

const label = { shape: [], dtype: "int32" as const };

describe.each([
  ["an MLP", mlp],
  ["a CNN", cnn],
])("what %s takes on the GPU", (_, { make, sample }) => {
  it("is estimated within a tenth and never below, for several batch sizes", { timeout: 240_000 }, async () => {
    const step = stepOf(make());
    for (const size of [4, 40, 96]) {
      const shapes = [[size, ...sample], { shape: [size], dtype: label.dtype }];
      const estimate = estimateMemory(step, shapes);
      const [x, labels] = [randn([size, ...sample]), randint(0, 10, [size])];
      await collect(); // what the parameters were copied from, and the batch before
      resetPeakMemoryStats();
      for (let i = 0; i < 2; i++) {
        const loss = step(x, labels);
        await loss.item();
        loss.dispose();
        await collect(); // the model's output
      }
      const { peak } = device.memory();
      expect(estimate.peak).toBeGreaterThanOrEqual(peak);
      expect(estimate.peak).toBeLessThan(1.1 * peak);
      expect(estimateMemory(step, shapes)).toEqual(estimate);
    }
  });
});

describe("estimateMemory on the GPU", () => {
  it(
    "knows that a compiled step keeps its intermediates to itself, and gradients until the next has them",
    { timeout: 120_000 },
    async () => {
      const step = compile(stepOf(mlp.make()));
      const shapes = [[40, 784], { shape: [40], dtype: label.dtype }];
      const estimate = estimateMemory(step, shapes);
      const [x, labels] = [randn([40, 784]), randint(0, 10, [40])];
      await collect();
      resetPeakMemoryStats();
      for (let i = 0; i < 3; i++) {
        const loss = step(x, labels);
        await loss.item();
        loss.dispose();
        await collect();
      }
      const { peak } = device.memory();
      expect(estimate.peak).toBeGreaterThanOrEqual(peak);
      expect(estimate.peak).toBeLessThan(1.1 * peak);
    },
  );

  it("makes nothing on the device", async () => {
    const step = stepOf(mlp.make());
    estimateMemory(step, [[1, 784], { shape: [1], dtype: "int32" }]); // computes the parameters, which were pending
    await collect();
    const { live, pooled } = device.memory();
    const estimate = estimateMemory(step, [[100_000, 784], { shape: [100_000], dtype: "int32" }]);
    expect(estimate.batch).toBe(100_000 * 4 * 785 + 128);
    expect(device.memory()).toMatchObject({ live, pooled });
  });
});

describe("largestBatch on the GPU", () => {
  it("gives the largest batch that fits the budget beside the data", { timeout: 120_000 }, async () => {
    const step = stepOf(mlp.make());
    const data = randn([500, 784]);
    const samples = [[784], label];
    largestBatch(step, samples, { most: 1 });
    await collect();
    device.backend.memory!.budget = 4 * 2 ** 20;
    const size = largestBatch(step, samples);
    const run = async (rows: number): Promise<void> => {
      await step(randn([rows, 784]), randint(0, 10, [rows])).item();
    };
    await run(size);
    expect(device.memory().moved).toBe(0);
    await collect();
    await run(Math.ceil(size * 1.1));
    expect(device.memory().moved).toBe(data.numel() * 4);
    // Without the data, as far as it may go, and one more.
    const alone = largestBatch(step, samples, { budget: device.memory().budget });
    expect(alone).toBeGreaterThan(size + 300);
    expect(() => largestBatch(step, samples, { budget: 100_000 })).toThrow(MemoryError);
  });
});
