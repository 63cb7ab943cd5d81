import { type Device, manualSeed, rand, randint, randn, setDefaultDevice, type Tensor } from "@downhill/core";
import { DataLoader, TensorDataset } from "@downhill/data";
import {
  Conv2d,
  CrossEntropyLoss,
  Flatten,
  Linear,
  MaxPool2d,
  type Module,
  MSELoss,
  ReLU,
  Sequential,
} from "@downhill/nn";
import { Adam, SGD } from "@downhill/optim";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { openSoftwareDevice } from "./open-device.js";

let webgpu: Device;

beforeAll(async () => {
  webgpu = await openSoftwareDevice();
});

afterEach(() => setDefaultDevice("cpu"));

/** What a run of a script leaves: its losses, and the first values of what it began with. */
interface Run {
  readonly losses: readonly number[];
  readonly start: readonly number[];
}

const firstValues = async (tensors: Iterable<Tensor>): Promise<number[]> =>
  (await Promise.all([...tensors].map((tensor) => tensor.data()))).flatMap((data) => [...data]);

/** The lesson's program 3: mini-batches from a shuffled loader. */
async function lesson(): Promise<Run> {
  manualSeed(0);
  const X = rand([100, 1]).mul(10);
  const y = X.mul(2)
    .add(3)
    .add(randn([100, 1]));
  const model = new Linear(1, 1);
  const criterion = new MSELoss();
  const optimizer = new SGD(model.parameters(), { lr: 0.01 });
  const loader = new DataLoader(new TensorDataset(X, y), { batchSize: 10, shuffle: true });
  const losses: Tensor[] = [];
  const batches: Tensor[] = [];
  const start = await firstValues(model.parameters());
  for (let epoch = 0; epoch < 20; epoch++) {
    for await (const [batchX, batchY] of loader) {
      if (epoch === 0) batches.push(batchX);
      optimizer.zeroGrad();
      const loss = criterion.forward(model.forward(batchX), batchY);
      loss.backward();
      optimizer.step();
      losses.push(loss);
    }
  }
  return {
    losses: await Promise.all(losses.map((loss) => loss.item())),
    start: [...start, ...(await firstValues(batches))],
  };
}

async function classifier(make: () => Module & { forward(x: Tensor): Tensor }, shape: number[]): Promise<Run> {
  manualSeed(1);
  const X = randn(shape);
  const y = randint(0, 10, [shape[0]!]);
  const model = make();
  const criterion = new CrossEntropyLoss();
  const optimizer = new Adam(model.parameters(), { lr: 1e-3 });
  const start = await firstValues([X, y, ...model.parameters()]);
  const losses: Tensor[] = [];
  for (let step = 0; step < 200; step++) {
    optimizer.zeroGrad();
    const loss = criterion.forward(model.forward(X), y);
    loss.backward();
    await optimizer.step();
    losses.push(loss);
  }
  return { losses: await Promise.all(losses.map((loss) => loss.item())), start };
}

const scripts: Record<string, () => Promise<Run>> = {
  "the lesson": lesson,
  "an MLP": () => classifier(() => new Sequential(new Linear(20, 32), new ReLU(), new Linear(32, 10)), [16, 20]),
  "a CNN": () =>
    classifier(
      () =>
        new Sequential(
          new Conv2d(1, 4, 3, { padding: 1 }),
          new ReLU(),
          new MaxPool2d(2),
          new Conv2d(4, 8, 3, { padding: 1 }),
          new ReLU(),
          new MaxPool2d(2),
          new Flatten(),
          new Linear(32, 10),
        ),
      [8, 1, 8, 8],
    ),
};

describe("the same seed on cpu and webgpu", () => {
  for (const [name, script] of Object.entries(scripts)) {
    it(
      `gives ${name} the same start bit for bit, and losses within 1e-4 over 200 steps`,
      { timeout: 120_000 },
      async () => {
        setDefaultDevice("cpu");
        const expected = await script();
        setDefaultDevice(webgpu);
        const actual = await script();
        expect(actual.start).toEqual(expected.start);
        expect(actual.losses.length).toBe(expected.losses.length);
        actual.losses.forEach((loss, step) => {
          const wanted = expected.losses[step]!;
          expect(Math.abs(loss - wanted) / Math.abs(wanted), `step ${step}: ${loss} and ${wanted}`).toBeLessThan(1e-4);
        });
      },
    );
  }
});
