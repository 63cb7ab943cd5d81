import { ValueError } from "@downhill/core";
import { checkCount, checkOptions, show } from "@downhill/core/engine";
import type { DataLoaderOptions } from "./data-loader.js";
import { generatorOf } from "./draw.js";

const known = [
  ...[
    "batchSize",
    "shuffle",
    "sampler",
    "batchSampler",
    "dropLast",
    "generator",
    "collate",
    "device",
    "prefetchFactor",
  ],
  ...["numWorkers", "worker", "workerData", "persistentWorkers", "inOrder", "timeout"],
];

/** Checks the options of a DataLoader, as PyTorch does, for those that exclude each other. */
export function checkLoaderOptions(
  options: Partial<Record<keyof DataLoaderOptions<unknown>, unknown>>,
  iterable: boolean,
): void {
  if ("workerInit" in options) {
    throw new ValueError(
      "DataLoader: workerInit is called in the workers, where no function of this thread gets to",
      "serveDataset(dataset, { workerInit }), in the workers' module",
    );
  }
  checkOptions("DataLoader", options, known);
  checkWorkerOptions(options);
  const { batchSize = 1, shuffle, sampler, batchSampler, dropLast, generator, collate } = options;
  if (batchSize !== null) checkCount("DataLoader", "batchSize", batchSize, 1);
  for (const [name, value] of Object.entries({
    ...{ shuffle, dropLast },
    ...{ persistentWorkers: options.persistentWorkers, inOrder: options.inOrder },
  })) {
    if (value !== undefined && typeof value !== "boolean") {
      throw new ValueError(`DataLoader: ${name} must be true or false, got ${show(value)}`);
    }
  }
  if (collate !== undefined && typeof collate !== "function") {
    throw new ValueError(`DataLoader: collate must be a function of an array of samples, got ${show(collate)}`);
  }
  if (generator !== undefined) generatorOf("DataLoader", generator);
  if (iterable && (shuffle === true || sampler !== undefined || batchSampler !== undefined)) {
    throw new ValueError(
      "DataLoader: an IterableDataset has an order of its own: no shuffle, sampler or batchSampler applies",
      "mix the samples where they are made, or gather them into a dataset with get(index)",
    );
  }
  if (sampler !== undefined && shuffle === true) {
    throw new ValueError("DataLoader: sampler and shuffle: true exclude each other", "the sampler gives the order");
  }
  if (batchSampler !== undefined) {
    const others = Object.entries({
      batchSize: batchSize !== 1,
      shuffle: shuffle === true,
      sampler: sampler !== undefined,
      dropLast: dropLast === true,
    });
    const given = others.filter(([, is]) => is).map(([name]) => name);
    if (given.length > 0) {
      throw new ValueError(
        `DataLoader: batchSampler excludes batchSize, shuffle, sampler and dropLast; got ${given.join(" and ")} too`,
        "new BatchSampler(sampler, batchSize, dropLast) holds them",
      );
    }
  }
  if (batchSize === null && dropLast === true) {
    throw new ValueError(
      "DataLoader: batchSize: null and dropLast: true exclude each other",
      "without batches there is no last one to drop",
    );
  }
}

function checkWorkerOptions(options: Partial<Record<keyof DataLoaderOptions<unknown>, unknown>>): void {
  const { numWorkers = 0, worker, collate, prefetchFactor, timeout = 0 } = options;
  checkCount("DataLoader", "numWorkers", numWorkers, 0);
  if (prefetchFactor !== undefined)
    checkCount("DataLoader", "prefetchFactor", prefetchFactor, numWorkers === 0 ? 0 : 1);
  if (typeof timeout !== "number" || !(timeout >= 0)) {
    throw new ValueError(`DataLoader: timeout must be 0 or more seconds, got ${show(timeout)}`);
  }
  if (worker !== undefined && typeof worker !== "string" && typeof worker !== "function" && !(worker instanceof URL)) {
    throw new ValueError(`DataLoader: worker must be a URL or a function that starts a worker, got ${show(worker)}`);
  }
  if (numWorkers === 0) return;
  if (worker === undefined) {
    throw new ValueError(
      `DataLoader: numWorkers: ${show(numWorkers)} needs to know the workers' module, which calls serveDataset(dataset)`,
      'worker: new URL("./digits.js", import.meta.url)',
    );
  }
  if (collate !== undefined) {
    throw new ValueError(
      "DataLoader: with workers, collate is called in them, where no function of this thread gets to",
      "serveDataset(dataset, { collate }), in the workers' module",
    );
  }
}
