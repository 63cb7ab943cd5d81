import { type Generator, ValueError } from "@downhill/core";
import { checkOptions, show } from "@downhill/core/engine";
import { generatorOf, order } from "./draw.js";
import type { Sampler } from "./sampler.js";

/** The options of `SubsetRandomSampler`. */
export interface SubsetRandomSamplerOptions {
  /** Where the order comes from; the default generator if left out. */
  readonly generator?: Generator;
}

/**
 * Gives the indices of a list in a random order, a new one for each pass. Same as torch.utils.data.SubsetRandomSampler, draw for draw.
 *
 * @example
 * const sampler = new SubsetRandomSampler([3, 4, 5]);
 * [...sampler].sort(); // [3, 4, 5]
 */
export class SubsetRandomSampler implements Sampler {
  readonly indices: ArrayLike<number>;
  readonly generator: Generator | undefined;

  constructor(indices: ArrayLike<number>, options: SubsetRandomSamplerOptions = {}) {
    checkOptions("SubsetRandomSampler", options, ["generator"]);
    if (options.generator !== undefined) generatorOf("SubsetRandomSampler", options.generator);
    if (!Array.isArray(indices) && !ArrayBuffer.isView(indices)) {
      throw new ValueError(`SubsetRandomSampler: indices must be an array of numbers, got ${show(indices)}`);
    }
    this.indices = indices;
    this.generator = options.generator;
  }

  get length(): number {
    return this.indices.length;
  }

  /** The indices of a pass. */
  *[Symbol.iterator](): IterableIterator<number> {
    const places = order(this.length, generatorOf("SubsetRandomSampler", this.generator));
    for (let i = 0; i < places.length; i++) yield this.indices[places[i]!]!;
  }
}
