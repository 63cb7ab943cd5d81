import { getNumThreads, manualSeed, rand, randint, setNumThreads, type Tensor } from "@downhill/core";
import {
  Conv2d,
  CrossEntropyLoss,
  Dropout,
  Flatten,
  LayerNorm,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
} from "@downhill/nn";
import { Adam, SGD } from "@downhill/optim";
import { afterEach, describe, expect, it } from "vitest";

afterEach(() => setNumThreads(1));

/** Trains for some steps, and gives every bit of the losses and the parameters. */
async function train(threads: number, make: () => Sequential, shape: number[], adam: boolean): Promise<number[][]> {
  await setNumThreads(threads);
  expect(getNumThreads()).toBe(threads);
  manualSeed(1);
  const model = make();
  const params = [...model.parameters()];
  const optimizer = adam ? new Adam(params, { lr: 1e-3 }) : new SGD(params, { lr: 0.01, momentum: 0.9 });
  const criterion = new CrossEntropyLoss();
  const x = rand(shape);
  const y = randint(0, 10, [shape[0]!]);
  const losses: Tensor[] = [];
  for (let step = 0; step < 4; step++) {
    optimizer.zeroGrad();
    const loss = criterion.forward(model.forward(x), y);
    loss.backward();
    optimizer.step();
    losses.push(loss.detach());
    // Lets the workers get their messages: from the second step on they take their part.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return Promise.all([...losses, ...params].map(async (value) => Array.from(await value.data())));
}

describe("training", () => {
  const models: Record<string, { make: () => Sequential; shape: number[]; adam: boolean }> = {
    "an MLP with dropout": {
      make: () =>
        new Sequential(new Linear(300, 256), new LayerNorm([256]), new ReLU(), new Dropout(0.2), new Linear(256, 10)),
      shape: [512, 300],
      adam: false,
    },
    "convolutions and pools": {
      make: () =>
        new Sequential(
          new Conv2d(1, 16, 3, { padding: 1 }),
          new ReLU(),
          new MaxPool2d(2),
          new Conv2d(16, 32, 3, { padding: 1 }),
          new ReLU(),
          new MaxPool2d(2),
          new Flatten(),
          new Linear(32 * 49, 10),
        ),
      shape: [32, 1, 28, 28],
      adam: true,
    },
  };
  for (const [name, { make, shape, adam }] of Object.entries(models)) {
    it(`gives the same bits with 1, 2 and 3 threads: ${name}`, async () => {
      const one = await train(1, make, shape, adam);
      expect(await train(2, make, shape, adam)).toEqual(one);
      expect(await train(3, make, shape, adam)).toEqual(one);
    });
  }
});
