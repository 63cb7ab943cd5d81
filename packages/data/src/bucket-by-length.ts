import { type Generator, ValueError } from "@downhill/core";
import { checkCount, checkFlag, checkOptions, show } from "@downhill/core/engine";
import { generatorOf, order } from "./draw.js";
import type { Sampler } from "./sampler.js";
import { batched } from "./samplers.js";

/** The options of `bucketByLength`. */
export interface BucketByLengthOptions {
  /** Samples per batch. */
  readonly batchSize: number;
  /** Whether each pass makes new batches, in a new order. Default: true; else they go from short to long. */
  readonly shuffle?: boolean;
  /** Batches whose samples are sorted together: more of them waste less padding, fewer mix better. Default: 100. */
  readonly pool?: number;
  /** Whether to leave out the batches that are shorter. Default: false. */
  readonly dropLast?: boolean;
  /** Where the order comes from; the default generator if left out. */
  readonly generator?: Generator;
}

/** Batches of samples of like length; see `bucketByLength`. */
export interface BucketSampler extends Sampler<number[]> {
  readonly length: number;
  readonly generator: Generator | undefined;
}

/**
 * Makes a `batchSampler` whose batches hold samples of like length, so that padding them wastes little. A pass draws an order
 * (one randperm), sorts pools of `pool` batches by length, cuts them into batches and draws the order of these (another one).
 *
 * @param lengths The length of each sample.
 *
 * @example
 * const lengths = [5, 1, 4, 2, 5, 1];
 * const batchSampler = bucketByLength(lengths, { batchSize: 2, shuffle: false });
 * console.log([...batchSampler]); // [[1, 5], [3, 2], [0, 4]]
 */
export function bucketByLength(lengths: ArrayLike<number>, options: BucketByLengthOptions): BucketSampler {
  const where = "bucketByLength";
  checkOptions(where, options, ["batchSize", "shuffle", "pool", "dropLast", "generator"]);
  const { shuffle = true, dropLast = false, generator } = options;
  checkFlag(`${where}: shuffle`, shuffle);
  checkFlag(`${where}: dropLast`, dropLast);
  if (!Array.isArray(lengths) && !ArrayBuffer.isView(lengths)) {
    throw new ValueError(`${where}: lengths must be an array of numbers, got ${show(lengths)}`);
  }
  const batchSize = checkCount(where, "batchSize", options.batchSize, 1);
  const pool = checkCount(where, "pool", options.pool ?? 100, 1) * batchSize;
  if (generator !== undefined) generatorOf(where, generator);
  const byLength = (a: number, b: number): number => lengths[a]! - lengths[b]!;
  return {
    length: dropLast ? Math.floor(lengths.length / batchSize) : Math.ceil(lengths.length / batchSize),
    generator,
    *[Symbol.iterator](): IterableIterator<number[]> {
      const all = Array.from({ length: lengths.length }, (_, i) => i);
      if (!shuffle) {
        yield* batched(all.sort(byLength), batchSize, dropLast);
        return;
      }
      const source = generatorOf(where, generator);
      const mixed = Array.from(order(all.length, source));
      const sorted: number[] = [];
      for (let i = 0; i < mixed.length; i += pool) {
        for (const index of mixed.slice(i, i + pool).sort(byLength)) sorted.push(index);
      }
      const batches = [...batched(sorted, batchSize, dropLast)];
      for (const place of order(batches.length, source)) yield batches[place]!;
    },
  };
}
