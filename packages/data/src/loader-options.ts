import { ValueError } from "@downhill/core";
import { checkCount, checkOptions, show } from "@downhill/core/engine";
import type { DataLoaderOptions } from "./data-loader.js";
import { generatorOf } from "./draw.js";

const known = ["batchSize", "shuffle", "sampler", "batchSampler", "dropLast", "generator", "collate"];

/** Checks the options of a DataLoader, as PyTorch does, for those that exclude each other. */
export function checkLoaderOptions(
  options: Partial<Record<keyof DataLoaderOptions<unknown>, unknown>>,
  iterable: boolean,
): void {
  checkOptions("DataLoader", options, known);
  const { batchSize = 1, shuffle, sampler, batchSampler, dropLast, generator, collate } = options;
  if (batchSize !== null) checkCount("DataLoader", "batchSize", batchSize, 1);
  for (const [name, value] of Object.entries({ shuffle, dropLast })) {
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
