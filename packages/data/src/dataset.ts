import { ValueError } from "@downhill/core";
import { show } from "@downhill/core/engine";
import type { Collated } from "./default-collate.js";

/**
 * Samples by number, from 0 to `length` - 1: what a loader loads. Any object with these two members is one; where the
 * samples are fetched or decoded, `get` returns a Promise, and the loader is iterated with `for await`.
 *
 * A loader also hands over the pass's `seed`, another in each pass. What draws (augmentation) draws from it and the index
 * alone, and so gives the same whatever the order is and whoever loads; a dataset that wraps another passes it on.
 *
 * @example
 * const squares: Dataset<[number, number]> = { length: 100, get: (i) => [i, i * i] };
 */
export interface Dataset<Sample> {
  readonly length: number;
  /** The sample at an index from 0 to `length - 1`. */
  get(index: number, seed?: number): Sample | Promise<Sample>;
  /**
   * Gets many samples as one batch, in the form that `defaultCollate` gives: for data that can be gathered in one go. A
   * loader calls it in the place of `get` unless it has a `collate` of its own. `indices` may be in any order and repeat.
   */
  getBatch?(indices: readonly number[], seed?: number): Collated<Sample> | Promise<Collated<Sample>>;
}

/** Checks that a dataset has the two members that loaders need. */
export function checkDataset(where: string, dataset: unknown): void {
  const { length, get } = Object(dataset) as { length?: unknown; get?: unknown };
  if (typeof get === "function" && Number.isInteger(length) && (length as number) >= 0) return;
  const fix = Array.isArray(dataset)
    ? "{ length: list.length, get: (i) => list[i] } makes a dataset of an array"
    : "tensors go into new TensorDataset(X, y), iterables into new IterableDataset(source)";
  throw new ValueError(`${where}: a dataset has a length and a method get(index), got ${show(dataset)}`, fix);
}
