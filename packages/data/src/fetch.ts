import type { Dataset } from "./dataset.js";
import { type Collated, collateSamples } from "./default-collate.js";

/** Whether a value has to be waited for. */
export function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

/** Calls `fn` with a value, now if it is there now. */
export function whenReady<T, R>(value: T | Promise<T>, fn: (value: T) => R | Promise<R>): R | Promise<R> {
  return isPromise(value) ? value.then(fn) : fn(value);
}

/** The index of the sample that an error came from, where one is to blame. */
export const failedSample = (error: unknown): number | undefined =>
  typeof error === "object" && error !== null ? failures.get(error) : undefined;

const failures = /* @__PURE__ */ new WeakMap<object, number>();

function blame(error: unknown, index: number): never {
  if (typeof error === "object" && error !== null && !failures.has(error)) failures.set(error, index);
  throw error;
}

/** Gets a sample; an error is blamed on it. */
export function fetchSample<Sample>(dataset: Dataset<Sample>, index: number, seed?: number): Sample | Promise<Sample> {
  try {
    const sample = dataset.get(index, seed);
    return isPromise(sample) ? sample.then(undefined, (error: unknown) => blame(error, index)) : sample;
  } catch (error) {
    return blame(error, index);
  }
}

/** Gets samples one by one, in order; those that have to be waited for are on their way at the same time. */
export function fetchSamples<Sample>(
  dataset: Dataset<Sample>,
  indices: readonly number[],
  seed?: number,
): Sample[] | Promise<Sample[]> {
  const samples: (Sample | Promise<Sample>)[] = [];
  let waits = false;
  for (let i = 0; i < indices.length; i++) {
    const sample = fetchSample(dataset, indices[i]!, seed);
    waits ||= isPromise(sample);
    samples.push(sample);
  }
  return waits ? Promise.all(samples) : (samples as Sample[]);
}

/** Gets a batch in its default form: gathered in one go where the dataset can, else collated of its samples. */
export function fetchBatch<Sample>(
  dataset: Dataset<Sample>,
  indices: readonly number[],
  seed?: number,
): Collated<Sample> | Promise<Collated<Sample>> {
  if (gathers(dataset)) return dataset.getBatch(indices, seed);
  return whenReady(fetchSamples(dataset, indices, seed), (samples) => collateSamples(samples, indices));
}

type Gathering<Sample> = Dataset<Sample> & Required<Pick<Dataset<Sample>, "getBatch">>;

/**
 * Whether a dataset gathers its batches itself. Not where its class inherits `getBatch` but has a `get` of its own, which
 * gathering would pass by: a TensorDataset extended by a transform.
 */
function gathers<Sample>(dataset: Dataset<Sample>): dataset is Gathering<Sample> {
  for (let level: unknown = dataset; level !== null; level = Object.getPrototypeOf(level)) {
    if (Object.hasOwn(level as object, "getBatch")) return dataset.getBatch !== undefined;
    if (Object.hasOwn(level as object, "get")) return false;
  }
  return false;
}
