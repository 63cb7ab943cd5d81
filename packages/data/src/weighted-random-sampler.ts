import { type Generator, Tensor, ValueError } from "@downhill/core";
import { checkCount, checkOptions, drawCategories, show } from "@downhill/core/engine";
import { generatorOf } from "./draw.js";
import type { Sampler } from "./sampler.js";

/** The options of `WeightedRandomSampler`. */
export interface WeightedRandomSamplerOptions {
  /** Whether a sample may come again. Default: true. */
  readonly replacement?: boolean;
  /** Where the indices come from; the default generator if left out. */
  readonly generator?: Generator;
}

/**
 * Gives `numSamples` indices, each with a probability in proportion to its weight: rare classes as often as common ones. Same as
 * torch.utils.data.WeightedRandomSampler, draw for draw.
 *
 * @throws ValueError for weights that are negative, infinite or sum to 0, and for more samples than weights without replacement.
 *
 * @example
 * const classes = [0, 0, 0, 1];
 * const counts = [3, 1];
 * const sampler = new WeightedRandomSampler(classes.map((k) => 1 / counts[k]!), 8);
 * [...sampler].length; // 8
 */
export class WeightedRandomSampler implements Sampler {
  readonly weights: Float64Array;
  readonly numSamples: number;
  readonly replacement: boolean;
  readonly generator: Generator | undefined;

  /** @param weights One for each sample; they need not sum to 1. */
  constructor(weights: ArrayLike<number>, numSamples: number, options: WeightedRandomSamplerOptions = {}) {
    const where = "WeightedRandomSampler";
    checkOptions(where, options, ["replacement", "generator"]);
    const { replacement = true, generator } = options;
    if (generator !== undefined) generatorOf(where, generator);
    if (weights instanceof Tensor || !isNumbers(weights)) {
      throw new ValueError(
        `${where}: weights must be an array of numbers, one or more, got ${show(weights)}`,
        weights instanceof Tensor ? "await weights.data() gives them" : undefined,
      );
    }
    this.weights = Float64Array.from(weights);
    this.numSamples = checkCount(where, "numSamples", numSamples, 1);
    this.replacement = replacement;
    this.generator = generator;
    if (!replacement && numSamples > weights.length) {
      throw new ValueError(
        `${where}: cannot draw ${numSamples} of ${weights.length} samples without replacement`,
        "leave replacement: false out, or draw fewer",
      );
    }
  }

  get length(): number {
    return this.numSamples;
  }

  /** The indices of a pass. */
  *[Symbol.iterator](): IterableIterator<number> {
    const { weights, numSamples, replacement } = this;
    const shape = { rows: 1, categories: weights.length, samples: numSamples };
    yield* drawCategories(weights, shape, replacement, generatorOf("WeightedRandomSampler", this.generator));
  }
}

const isNumbers = (values: unknown): boolean =>
  (Array.isArray(values) || ArrayBuffer.isView(values)) &&
  (values as ArrayLike<unknown>).length > 0 &&
  Array.from(values as ArrayLike<unknown>).every((value) => typeof value === "number");
