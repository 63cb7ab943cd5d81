import { Generator, ValueError } from "@downhill/core";
import { checkOptions, show } from "@downhill/core/engine";
import { checkDataset, type Dataset } from "./dataset.js";
import { generatorOf, order } from "./draw.js";
import { Subset } from "./subset.js";

/** The options of `randomSplit`. */
export interface RandomSplitOptions {
  /** Where the order comes from; the default generator if left out. */
  readonly generator?: Generator;
}

/**
 * Splits a dataset at random into parts of the given lengths, or of the given fractions, which sum to 1. With the same
 * seed, the parts of torch.utils.data.random_split: one `randperm`, cut in pieces.
 *
 * Fractions are rounded down, and the samples left over go one each to the first parts. Throws a ValueError where the
 * lengths do not sum to the dataset's.
 *
 * @example
 * const [train, test] = randomSplit(dataset, [0.8, 0.2], { generator: new Generator(42) });
 */
export function randomSplit<Sample, const Lengths extends readonly number[]>(
  dataset: Dataset<Sample>,
  lengths: Lengths,
  options: RandomSplitOptions = {},
): { -readonly [K in keyof Lengths]: Subset<Sample> } {
  checkDataset("randomSplit", dataset);
  if (options instanceof Generator)
    throw new ValueError("randomSplit: the options must be an object, got a Generator", "pass { generator }");
  checkOptions("randomSplit", options, ["generator"]);
  const generator = generatorOf("randomSplit", options.generator);
  const counts = countsOf(dataset.length, lengths);
  const indices = Array.from(order(dataset.length, generator));
  let end = 0;
  return counts.map((count) => new Subset(dataset, indices.slice(end, (end += count)))) as {
    -readonly [K in keyof Lengths]: Subset<Sample>;
  };
}

const isCounts = (lengths: unknown): boolean =>
  Array.isArray(lengths) && lengths.every((part) => typeof part === "number" && part >= 0);

function countsOf(length: number, lengths: readonly number[]): readonly number[] {
  if (!isCounts(lengths)) {
    throw new ValueError(
      `randomSplit: lengths must be an array of counts or fractions, none negative, got ${show(lengths)}`,
      "[80, 20] or [0.8, 0.2]",
    );
  }
  const sum = lengths.reduce((a, b) => a + b, 0);
  // What PyTorch takes for fractions, but for its math.isclose also where rounding leads past 1.
  if (Math.abs(sum - 1) <= 1e-9 * Math.max(sum, 1)) {
    const counts = lengths.map((part) => Math.floor(length * part));
    const rest = length - counts.reduce((a, b) => a + b, 0);
    for (let i = 0; i < rest; i++) counts[i % counts.length]!++;
    return counts;
  }
  if (!lengths.every(Number.isInteger)) {
    throw new ValueError(
      `randomSplit: fractions must sum to 1, ${show(lengths)} sum to ${sum}`,
      "counts are integers, fractions sum to 1",
    );
  }
  if (sum !== length) {
    throw new ValueError(
      `randomSplit: the lengths ${show(lengths)} sum to ${sum}, the dataset has ${length} samples`,
      "they must be equal; or give fractions that sum to 1",
    );
  }
  return lengths;
}
