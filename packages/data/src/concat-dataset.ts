import { ValueError } from "@downhill/core";
import { show } from "@downhill/core/engine";
import { checkIndex } from "./check-index.js";
import { checkDataset, type Dataset } from "./dataset.js";

/**
 * Puts datasets one behind the other. Same as torch.utils.data.ConcatDataset.
 *
 * @example
 * const both = new ConcatDataset([dataset, dataset]);
 * both.length; // 10
 * both.cumulativeSizes; // [5, 10]
 */
export class ConcatDataset<Sample> implements Dataset<Sample> {
  readonly datasets: readonly Dataset<Sample>[];
  /** Where each dataset ends. */
  readonly cumulativeSizes: readonly number[];

  constructor(datasets: Iterable<Dataset<Sample>>) {
    this.datasets = Array.from(datasets);
    if (this.datasets.length === 0) {
      throw new ValueError(`ConcatDataset: needs at least one dataset, got ${show(datasets)}`, "[train, extra]");
    }
    let end = 0;
    this.cumulativeSizes = this.datasets.map((dataset, i) => {
      checkDataset(`ConcatDataset: datasets[${i}]`, dataset);
      return (end += dataset.length);
    });
  }

  get length(): number {
    return this.cumulativeSizes.at(-1)!;
  }

  /** The sample at an index, from the dataset that holds it. */
  get(index: number, seed?: number): Sample | Promise<Sample> {
    const place = checkIndex("ConcatDataset", index, this.length);
    let [low, high] = [0, this.datasets.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.cumulativeSizes[middle]! <= place) low = middle + 1;
      else high = middle;
    }
    return this.datasets[low]!.get(low === 0 ? place : place - this.cumulativeSizes[low - 1]!, seed);
  }
}
