import { defaultGenerator, Generator as RandomGenerator } from "@downhill/core";
import { checkCount, checkOptions, fillRandint } from "@downhill/core/engine";
import { generatorOf, order } from "./draw.js";

/** What the samplers that draw take. */
export interface DrawOptions {
  /** Number of indices; as many as there are samples if left out. */
  readonly numSamples?: number;
  /** Where they come from. If left out, a generator of each pass's own, whose seed is drawn from the default one. */
  readonly generator?: RandomGenerator;
}

/** Yields 0 … length - 1. */
export function* sequential(length: number): IterableIterator<number> {
  for (let i = 0; i < length; i++) yield i;
}

/**
 * Yields 0 … length - 1 in random order, and in a new order after each round if `numSamples` is more. With the same seed,
 * PyTorch's order.
 */
export function* shuffled(length: number, options: DrawOptions = {}): IterableIterator<number> {
  const { count, generator } = begin("shuffled", length, options);
  for (let left = count; left > 0; left -= length) {
    const indices = order(length, generator);
    // A list's own iterator, by yield*, takes twice the time.
    for (let i = 0; i < length && i < left; i++) yield indices[i]!;
  }
  // PyTorch draws an order for the rest even where none is left, which only a generator of the caller's shows.
  if (count % length === 0 && options.generator !== undefined) order(length, generator);
}

/** Yields random indices below `length`, each independent of the others. With the same seed, PyTorch's. */
export function* withReplacement(length: number, options: DrawOptions = {}): IterableIterator<number> {
  const { count, generator } = begin("withReplacement", length, options);
  // PyTorch draws 32 at a time.
  for (let left = count; left > 0; left -= 32) {
    const indices = new Int32Array(Math.min(left, 32));
    fillRandint(indices, generator, "int32", 0, length);
    yield* indices;
  }
}

function begin(where: string, length: number, options: DrawOptions): { count: number; generator: RandomGenerator } {
  checkOptions(where, options, ["numSamples", "generator"]);
  checkCount(where, "length", length, 1);
  const count = checkCount(where, "numSamples", options.numSamples ?? length, 1);
  if (options.generator !== undefined) return { count, generator: generatorOf(where, options.generator) };
  return { count, generator: new RandomGenerator(defaultGenerator.random63()) };
}

/** Yields the indices in arrays of `size`; the last one is shorter where they do not divide, or left out. */
export function* batched<Index = number>(
  indices: Iterable<Index>,
  size: number,
  dropLast = false,
): IterableIterator<Index[]> {
  checkCount("batched", "size", size, 1);
  let batch: Index[] = [];
  for (const index of indices) {
    batch.push(index);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0 && !dropLast) yield batch;
}
