import { ValueError } from "@downhill/core";
import { show } from "@downhill/core/engine";
import { checkIndex } from "./check-index.js";
import { checkDataset, type Dataset } from "./dataset.js";
import type { Collated } from "./default-collate.js";
import { fetchBatch } from "./fetch.js";

/**
 * Holds those samples of a dataset that `indices` name, in their order. Same as torch.utils.data.Subset.
 *
 * @example
 * const evens = new Subset(dataset, [0, 2, 4]);
 * evens.get(2); // dataset.get(4)
 */
export class Subset<Sample> implements Dataset<Sample> {
  readonly dataset: Dataset<Sample>;
  readonly indices: ArrayLike<number>;

  constructor(dataset: Dataset<Sample>, indices: ArrayLike<number>) {
    checkDataset("Subset", dataset);
    if (!isArray(indices)) throw new ValueError(`Subset: indices must be an array of numbers, got ${show(indices)}`);
    for (let i = 0; i < indices.length; i++) checkIndex(`Subset: indices[${i}]`, indices[i]!, dataset.length);
    this.dataset = dataset;
    this.indices = indices;
  }

  get length(): number {
    return this.indices.length;
  }

  /** The sample at an index of the subset. */
  get(index: number, seed?: number): Sample | Promise<Sample> {
    return this.dataset.get(this.#place(index), seed);
  }

  getBatch(indices: readonly number[], seed?: number): Collated<Sample> | Promise<Collated<Sample>> {
    return fetchBatch(
      this.dataset,
      indices.map((index) => this.#place(index)),
      seed,
    );
  }

  #place(index: number): number {
    const chosen = this.indices[checkIndex("Subset", index, this.length)]!;
    return chosen < 0 ? chosen + this.dataset.length : chosen;
  }
}

const isArray = (value: unknown): boolean => Array.isArray(value) || ArrayBuffer.isView(value);
