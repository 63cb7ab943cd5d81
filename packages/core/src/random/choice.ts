import { ValueError, show } from "../errors.js";
import type { LegacyStream } from "./legacy-stream.js";

export interface ChoiceOptions {
  /** Whether an index may be drawn more than once. Default true. */
  readonly replace?: boolean;
  /** The probability of each index; they sum to 1. Default: all the same. */
  readonly p?: ArrayLike<number>;
}

/** Draws `count` indices below `population`, as RandomState.choice. */
export function choice(
  stream: LegacyStream,
  population: number,
  count: number,
  options: ChoiceOptions = {},
): Int32Array {
  const { replace = true, p } = options;
  if (!Number.isInteger(count) || count < 0) {
    throw new ValueError(`choice: the number of draws must be a whole number, got ${show(count)}`);
  }
  if (!Number.isInteger(population) || population < 0 || (population === 0 && count > 0)) {
    throw new ValueError(`choice: there must be something to choose from, got ${show(population)}`);
  }
  if (p !== undefined) checkProbabilities(p, population);
  if (!replace && count > population) {
    throw new ValueError(
      `choice: cannot draw ${count} of ${population} without replacement`,
      "pass { replace: true }, or draw fewer",
    );
  }
  if (p === undefined) {
    if (!replace) return stream.permutation(population).slice(0, count);
    const out = new Int32Array(count);
    if (count > 0) stream.fillRandint(out, 0, population);
    return out;
  }
  if (!replace) return distinct(stream, Float64Array.from(p), count);
  const sums = cumulative(Float64Array.from(p));
  return Int32Array.from({ length: count }, () => search(sums, stream.random53()));
}

/** Draws what is missing, drops repetitions, takes the drawn out of `p`, until there are `count` (NumPy's method; it needs its draws in rounds). */
function distinct(stream: LegacyStream, p: Float64Array, count: number): Int32Array {
  const positive = p.filter((value) => value > 0).length;
  if (positive < count)
    throw new ValueError(
      `choice: ${positive} probabilities are positive, too few to draw ${count} without replacement`,
    );
  const found = new Set<number>();
  while (found.size < count) {
    for (const index of found) p[index] = 0;
    const sums = cumulative(p);
    const uniforms = new Float64Array(count - found.size);
    stream.fillUniform(uniforms);
    for (const uniform of uniforms) found.add(search(sums, uniform));
  }
  return Int32Array.from(found);
}

/** Running sums over the total. */
function cumulative(p: Float64Array): Float64Array {
  let sum = 0;
  const sums = p.map((value) => (sum += value));
  return sums.map((value) => value / sum);
}

/** The first index whose sum is greater than x. */
function search(sums: Float64Array, x: number): number {
  let [low, high] = [0, sums.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle]! <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}

function checkProbabilities(p: ArrayLike<number>, population: number): void {
  if (p.length !== population) {
    throw new ValueError(`choice: p has ${p.length} probabilities for ${population} things to choose from`);
  }
  let sum = 0;
  let carry = 0; // Kahan: what the sum has lost
  for (let i = 0; i < p.length; i++) {
    const value = p[i]!;
    if (!(value >= 0)) throw new ValueError(`choice: probabilities must be at least 0, got ${show(value)} at ${i}`);
    const term = value - carry;
    const next = sum + term;
    carry = next - sum - term;
    sum = next;
  }
  const tolerance = Math.sqrt(p instanceof Float32Array ? 2 ** -23 : 2 ** -52);
  if (Math.abs(sum - 1) > tolerance) {
    throw new ValueError(`choice: the probabilities sum to ${sum}, not to 1`, "divide them by their sum");
  }
}
