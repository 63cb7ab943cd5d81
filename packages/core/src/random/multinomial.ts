import { ValueError, show } from "../errors.js";
import { fillExponential } from "./exponential.js";
import type { Generator } from "./generator.js";
import type { FloatArray } from "./uniform.js";

/** What to draw: `rows` distributions over `categories` each, `samples` indices from every one. */
export interface MultinomialShape {
  readonly rows: number;
  readonly categories: number;
  readonly samples: number;
}

/**
 * Draws category indices with the probabilities that `weights` (rows × categories, not necessarily normalised) are in
 * proportion to, as torch.multinomial. Returns rows × samples indices.
 *
 * Errors: a weight that is negative, infinite or NaN; a row that sums to 0; without replacement, fewer positive weights than
 * samples (where PyTorch's CPU gives impossible categories).
 */
export function multinomial(
  weights: FloatArray,
  { rows, categories, samples }: MultinomialShape,
  replacement: boolean,
  generator: Generator,
): Int32Array {
  if (!Number.isInteger(samples) || samples <= 0) {
    throw new ValueError(`multinomial: numSamples must be a positive integer, got ${show(samples)}`);
  }
  if (categories > 2 ** 24) throw new ValueError(`multinomial: at most 2^24 categories, got ${categories}`);
  if (!replacement && samples > categories) {
    throw new ValueError(
      `multinomial: cannot draw ${samples} of ${categories} categories without replacement`,
      "pass { replacement: true }, or draw fewer",
    );
  }
  const distributions = Array.from({ length: rows }, (_, row) => {
    const own = weights.subarray(row * categories, (row + 1) * categories);
    checkWeights(own, row, replacement ? 1 : samples);
    return own;
  });
  const out = new Int32Array(rows * samples);
  // Later PyTorch versions take the other path for a single sample with replacement; this is 1.13's.
  if (replacement) {
    distributions.forEach((own, row) =>
      fillWithReplacement(out.subarray(row * samples, (row + 1) * samples), own, generator),
    );
    return out;
  }
  // The weights divided by exponentials: the order of the quotients is the order of drawing.
  const quotients = weights.slice(0, rows * categories);
  fillExponential(quotients, generator);
  for (let i = 0; i < quotients.length; i++) quotients[i] = weights[i]! / quotients[i]!;
  for (let row = 0; row < rows; row++) {
    const own = quotients.subarray(row * categories, (row + 1) * categories);
    out.set(largest(own, samples), row * samples);
  }
  return out;
}

/** The indices of the `count` largest values, largest first; equal ones by index. */
function largest(values: FloatArray, count: number): Int32Array {
  if (count === 1) {
    let best = 0;
    for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
    return Int32Array.of(best);
  }
  const order = Int32Array.from(values, (_, i) => i);
  return order.sort((a, b) => values[b]! - values[a]! || a - b).subarray(0, count);
}

/** For each sample, the first category whose cumulative weight reaches a float64 uniform. Sums are in the precision of the weights. */
function fillWithReplacement(out: Int32Array, weights: FloatArray, generator: Generator): void {
  const cumulative = weights.slice();
  const last = cumulative.length - 1;
  for (let i = 1; i <= last; i++) cumulative[i]! += cumulative[i - 1]!;
  const sum = cumulative[last]!;
  for (let i = 0; i < last; i++) cumulative[i]! /= sum;
  cumulative[last] = 1;
  for (let i = 0; i < out.length; i++) {
    const uniform = generator.random53();
    let [low, high] = [0, last + 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cumulative[middle]! < uniform) low = middle + 1;
      else high = middle;
    }
    out[i] = low;
  }
}

function checkWeights(weights: FloatArray, row: number, needed: number): void {
  let positive = 0;
  for (const weight of weights) {
    if (!(weight >= 0 && weight < Infinity)) {
      throw new ValueError(`multinomial: weights must be finite and at least 0, got ${show(weight)} in row ${row}`);
    }
    if (weight > 0) positive++;
  }
  if (positive === 0) throw new ValueError(`multinomial: the weights of row ${row} sum to 0, so nothing can be drawn`);
  if (positive < needed) {
    throw new ValueError(
      `multinomial: row ${row} has ${positive} positive weights, too few to draw ${needed} without replacement`,
      "pass { replacement: true }, or draw fewer",
    );
  }
}
