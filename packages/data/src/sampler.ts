import { ValueError } from "@downhill/core";
import { show } from "@downhill/core/engine";

/**
 * Gives the order in which a loader takes its samples: indices, or for a `batchSampler` arrays of them, anew for each
 * pass. Arrays, PyTorch's sampler classes and objects with a generator method `*[Symbol.iterator]()` are samplers.
 */
export interface Sampler<Index = number> extends Iterable<Index> {
  /** How many there are, where that is known. */
  readonly length?: number;
}

/** A sampler, or a function that begins a pass, such as a generator function. */
export type SamplerLike<Index = number> = Sampler<Index> | (() => Iterable<Index>);

/** Checks a sampler and brings it into one form. */
export function toSampler<Index>(where: string, sampler: SamplerLike<Index>): Sampler<Index> {
  if (typeof sampler === "function") return { [Symbol.iterator]: () => sampler()[Symbol.iterator]() };
  if (!isIterable(sampler)) {
    throw new ValueError(
      `${where} must be an iterable of indices or a generator function, got ${show(sampler)}`,
      "[0, 2, 1], new RandomSampler(dataset), function* () { … }",
    );
  }
  if ("next" in sampler) {
    throw new ValueError(
      `${where} is an iterator, which is used up by the first pass`,
      "pass an array, or the generator function itself",
    );
  }
  return sampler;
}

const isIterable = (value: unknown): boolean => typeof value === "object" && value !== null && Symbol.iterator in value;

/** The number of indices or batches, for `length`. */
export function lengthOf(where: string, sampler: Sampler<unknown>): number {
  if (typeof sampler.length === "number") return sampler.length;
  throw new ValueError(`${where}: the sampler has no length`, "count while iterating, or give the sampler a `length`");
}

/** Whatever has samples to count. */
export interface Sized {
  readonly length: number;
}

/** Checks what a sampler samples from. */
export function checkSized(where: string, source: unknown): Sized {
  const { length } = Object(source) as { length?: unknown };
  if (Number.isInteger(length) && (length as number) >= 0) return source as Sized;
  throw new ValueError(`${where}: needs a dataset, something with a length, got ${show(source)}`);
}
