import { type Generator, ValueError } from "@downhill/core";
import { checkOptions, show } from "@downhill/core/engine";
import { generatorOf } from "./draw.js";
import { checkSized, type Sampler, type Sized } from "./sampler.js";
import { type DrawOptions, shuffled, withReplacement } from "./samplers.js";

export interface RandomSamplerOptions extends DrawOptions {
  /** Whether a sample may come again before all others have come. Default: false. */
  readonly replacement?: boolean;
}

/**
 * Gives the indices of a dataset in a random order, a new one for each pass. Same as torch.utils.data.RandomSampler, draw
 * for draw: without a `generator`, each pass draws one 64-bit seed from the default generator when its first index is asked for.
 *
 * Throws a ValueError for an empty dataset and for a `numSamples` below 1.
 */
export class RandomSampler implements Sampler {
  readonly dataSource: Sized;
  readonly replacement: boolean;
  readonly generator: Generator | undefined;
  readonly #numSamples: number | undefined;

  constructor(dataSource: Sized, options: RandomSamplerOptions = {}) {
    checkOptions("RandomSampler", options, ["replacement", "numSamples", "generator"]);
    const { replacement = false, numSamples, generator } = options;
    if (typeof replacement !== "boolean") {
      throw new ValueError(`RandomSampler: replacement must be true or false, got ${show(replacement)}`);
    }
    if (generator !== undefined) generatorOf("RandomSampler", generator);
    this.dataSource = checkSized("RandomSampler", dataSource);
    this.replacement = replacement;
    this.generator = generator;
    this.#numSamples = numSamples;
    if (!Number.isInteger(this.numSamples) || this.numSamples < 1 || this.dataSource.length === 0) {
      throw new ValueError(
        `RandomSampler: numSamples must be an integer of 1 or more, got ${show(this.numSamples)}, of ${this.dataSource.length} samples`,
        this.dataSource.length === 0 ? "the dataset is empty; an empty one can only be read in order" : undefined,
      );
    }
  }

  /** Number of indices in a pass. */
  get numSamples(): number {
    return this.#numSamples ?? this.dataSource.length;
  }

  get length(): number {
    return this.numSamples;
  }

  /** The indices of a pass. */
  [Symbol.iterator](): IterableIterator<number> {
    const { numSamples, generator } = this;
    const options: DrawOptions = generator === undefined ? { numSamples } : { numSamples, generator };
    return (this.replacement ? withReplacement : shuffled)(this.dataSource.length, options);
  }
}
