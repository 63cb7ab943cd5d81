import { ledger } from "../../src/lesson/06-mini-batches/ledger-figure.js";
import { experiment as ledgerExperiment } from "../../src/lesson/06-mini-batches/ledger.experiment.js";
import { noise } from "../../src/lesson/06-mini-batches/noise-figure.js";
import { experiment as noiseExperiment } from "../../src/lesson/06-mini-batches/noise.experiment.js";
import { threeWalkers } from "../../src/lesson/06-mini-batches/race-figure.js";
import { experiment as raceExperiment } from "../../src/lesson/06-mini-batches/race.experiment.js";
import { type Chapter, figureCase } from "./chapter.js";

export const miniBatches: Chapter = {
  page: "mini-batches",
  figures: [
    figureCase(ledger, ledgerExperiment, { steps: 11 }),
    figureCase(noise, noiseExperiment),
    figureCase(threeWalkers, raceExperiment),
  ],
  exercises: [
    {
      title: "The last shall not be lost",
      right: `
export function* batches(order: readonly number[], size: number) {
  for (let start = 0; start < order.length; start += size) yield order.slice(start, start + size);
}`,
    },
    {
      title: "The loss of an epoch",
      right: `
import type { Tensor } from "@downhill/core";
export async function epochLoss(batches: Iterable<Tensor>) {
  let [sum, count] = [0, 0];
  for (const losses of batches) {
    sum += await losses.sum().item();
    count += losses.numel();
  }
  return sum / count;
}`,
    },
    {
      title: "Sorted",
      right: `
import type { Tensor } from "@downhill/core";
import { DataLoader, TensorDataset } from "@downhill/data";
import { BCEWithLogitsLoss, Linear } from "@downhill/nn";
import { SGD } from "@downhill/optim";
export async function train(X: Tensor, y: Tensor) {
  const model = new Linear(2, 1);
  const criterion = new BCEWithLogitsLoss();
  const optimizer = new SGD(model.parameters(), { lr: 1 });
  const loader = new DataLoader(new TensorDataset(X, y), { batchSize: 10, shuffle: true });
  for (let epoch = 0; epoch < 5; epoch++) {
    for await (const [batchX, batchY] of loader) {
      optimizer.zeroGrad();
      criterion.forward(model.forward(batchX), batchY).backward();
      optimizer.step();
    }
  }
  return model;
}`,
    },
  ],
};
