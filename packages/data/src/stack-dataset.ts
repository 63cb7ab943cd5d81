import { ValueError } from "@downhill/core";
import { show } from "@downhill/core/engine";
import { checkIndex } from "./check-index.js";
import { checkDataset, type Dataset } from "./dataset.js";
import type { Collated } from "./default-collate.js";
import { fetchBatch, isPromise } from "./fetch.js";
import { isPlainObject } from "./sample.js";

type Datasets = Readonly<Record<string, Dataset<unknown>>> | readonly Dataset<unknown>[];

/** One sample of each dataset, under its place or name. */
export type Stacked<Parts extends Datasets> = {
  -readonly [K in keyof Parts]: Parts[K] extends { get(index: number): infer Sample } ? Awaited<Sample> : never;
};

/**
 * Puts datasets of equal length side by side: sample `i` is sample `i` of each, in an array, or in an object where they have
 * names. Same as torch.utils.data.StackDataset. A batch is gathered in one go where they can.
 *
 * @example
 * const words: Dataset<string> = { length: 5, get: (i) => `word ${i}` };
 * const pairs = new StackDataset({ row: dataset, word: words });
 * (await pairs.get(2)).word; // 'word 2'
 */
export class StackDataset<const Parts extends Datasets> implements Dataset<Stacked<Parts>> {
  readonly datasets: Parts;
  readonly length: number;

  /** @param datasets An array of datasets, or an object of them. */
  constructor(datasets: Parts) {
    if (!Array.isArray(datasets) && !isPlainObject(datasets)) {
      throw new ValueError(
        `StackDataset: expects an array or an object of datasets, got ${show(datasets)}`,
        "new StackDataset([images, labels]), new StackDataset({ image: images, label: labels })",
      );
    }
    const parts = Object.entries(datasets as Record<string, Dataset<unknown>>);
    for (const [name, dataset] of parts) checkDataset(`StackDataset: datasets[${show(name)}]`, dataset);
    const lengths = parts.map(([, dataset]) => dataset.length);
    if (lengths.length === 0) throw new ValueError("StackDataset: needs at least one dataset");
    if (lengths.some((length) => length !== lengths[0])) {
      throw new ValueError(`StackDataset: the datasets have different lengths: ${lengths.join(", ")}`);
    }
    this.datasets = datasets;
    this.length = lengths[0]!;
  }

  /** The sample at an index, of each dataset. */
  get(index: number, seed?: number): Stacked<Parts> | Promise<Stacked<Parts>> {
    const place = checkIndex("StackDataset", index, this.length);
    return this.#each((dataset) => dataset.get(place, seed)) as Stacked<Parts> | Promise<Stacked<Parts>>;
  }

  getBatch(indices: readonly number[], seed?: number): Collated<Stacked<Parts>> | Promise<Collated<Stacked<Parts>>> {
    const places = indices.map((index) => checkIndex("StackDataset", index, this.length));
    return this.#each((dataset) => fetchBatch(dataset, places, seed)) as Collated<Stacked<Parts>>;
  }

  /** What `fn` gives of each dataset, in the form that the datasets have. */
  #each(fn: (dataset: Dataset<unknown>) => unknown): unknown {
    const names = Object.keys(this.datasets);
    const values = names.map((name) => fn((this.datasets as Record<string, Dataset<unknown>>)[name]!));
    const formed = (all: unknown[]): unknown =>
      Array.isArray(this.datasets) ? all : Object.fromEntries(all.map((value, i) => [names[i]!, value]));
    return values.some(isPromise) ? Promise.all(values).then(formed) : formed(values);
  }
}
