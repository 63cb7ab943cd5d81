import { ValueError } from "@downhill/core";
import { show } from "@downhill/core/engine";
import type { Dataset } from "./dataset.js";
import { collateSamples } from "./default-collate.js";
import { defaultConvert } from "./default-convert.js";
import { fetchBatch, fetchSample, fetchSamples, whenReady } from "./fetch.js";
import type { IterableDataset, SampleSource } from "./iterable-dataset.js";
import { batched } from "./samplers.js";

/** Makes a batch of an item of a pass: of an index or the indices, or of a sample or the samples of an IterableDataset. */
export type Load<Batch> = (item: unknown, seed: number) => Batch | Promise<Batch>;

type Join<Samples, Batch> = (samples: Samples) => Batch | Promise<Batch>;

/** How samples are loaded that are not batched. */
export function loadSample<Sample, Batch>(dataset: Dataset<Sample>, collate: unknown): Load<Batch> {
  const convert = (collate ?? defaultConvert) as Join<Sample, Batch>;
  return (index, seed) => whenReady(fetchSample(dataset, index as number, seed), convert);
}

/** How batches are loaded. A collation of the caller's gets the samples, so that it replaces gathering too. */
export function loadBatch<Sample, Batch>(dataset: Dataset<Sample>, collate: unknown): Load<Batch> {
  if (collate === undefined) {
    return (indices, seed) => fetchBatch(dataset, toBatch(indices), seed) as Batch | Promise<Batch>;
  }
  const join = collate as Join<Sample[], Batch>;
  return (indices, seed) => whenReady(fetchSamples(dataset, toBatch(indices), seed), join);
}

/** How samples become batches that an IterableDataset gave. */
export function loadGiven<Batch>(batches: boolean, collate: unknown): Load<Batch> {
  const usual = batches ? (samples: readonly unknown[]) => collateSamples(samples) : defaultConvert;
  return (collate ?? usual) as Join<unknown, Batch>;
}

/** The indices of a batch. */
export function toBatch(indices: unknown): readonly number[] {
  if (Array.isArray(indices)) return indices as number[];
  if (ArrayBuffer.isView(indices)) return Array.from(indices as unknown as ArrayLike<number>);
  throw new ValueError(
    `DataLoader: batchSampler must give an array of indices for each batch, got ${show(indices)}`,
    "a sampler of single indices is the option `sampler`",
  );
}

/** The items of a pass through an IterableDataset: arrays of samples, or the samples for `batchSize: null`. */
export function samplesOf(
  dataset: IterableDataset<unknown>,
  batchSize: number | null,
  dropLast: boolean,
): SampleSource<unknown> {
  const samples = dataset.samples();
  if (batchSize === null) return samples;
  return Symbol.iterator in samples
    ? batched(samples, batchSize, dropLast)
    : batchedLater(samples, batchSize, dropLast);
}

async function* batchedLater(
  samples: AsyncIterable<unknown>,
  size: number,
  dropLast: boolean,
): AsyncIterable<unknown[]> {
  let batch: unknown[] = [];
  for await (const sample of samples) {
    batch.push(sample);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0 && !dropLast) yield batch;
}

/** The items, of which the first is drawn now. */
export function begun<Item>(items: Iterable<Item>): Iterable<Item> {
  const iterator = items[Symbol.iterator]();
  const first = iterator.next();
  return (function* () {
    try {
      for (let next = first; next.done !== true; next = iterator.next()) yield next.value;
    } finally {
      iterator.return?.();
    }
  })();
}

/** The items without the first `count`. */
export function skipping<Item>(items: SampleSource<Item>, count: number): SampleSource<Item> {
  if (!(Symbol.iterator in items)) return skippingLater(items, count);
  const iterator = items[Symbol.iterator]();
  for (let i = 0; i < count && iterator.next().done !== true; i++); // at the end it stays there
  return { [Symbol.iterator]: () => iterator };
}

async function* skippingLater<Item>(items: AsyncIterable<Item>, count: number): AsyncIterable<Item> {
  let place = 0;
  for await (const item of items) if (place++ >= count) yield item;
}
