import { checkOptions, show, ValueError } from "@downhill/core/engine";
import { type Display, openDisplay, type Progress, type ProgressStream } from "./progress-display.js";

export type { Progress, ProgressStream };

/** The options of `progress`. */
export interface ProgressOptions {
  /** What stands before the bar or the numbers. */
  label?: string;
  /** Number of items, where the source has no `length` (or `size`) or a wrong one. */
  total?: number;
  /** Items from one report to the next. By default `onProgress` hears of each; plain lines come about ten to a pass. */
  every?: number;
  /** Receives the numbers: at the start, after each `every` items, and at the end. */
  onProgress?: (progress: Progress) => void;
  /** Where to write; the default is the process's standard error, in a browser nothing. null writes nothing. */
  stream?: ProgressStream | null;
}

/**
 * Yields the items of an iterable and shows how far the loop has come: a bar with rate and time left in a terminal, a
 * line now and then where the output is no terminal (at most one per second, and the first and last), and in all places,
 * browsers included, the numbers to `onProgress`. What iterates synchronously still does, and each loop is a pass of its own.
 *
 * Leaving the loop early, by `break` or by an error, ends the bar. Throws a ValueError for a source that is not
 * iterable, a fractional or negative `total`, an `every` below 1, or an unknown option.
 *
 * @example
 * for await (const [batchX, batchY] of progress(loader, { label: "epoch 1" })) {
 *   // epoch 1 |████████████░░░░░░░░░░░░░░░░░░| 40/100 (40%), 12.3/s, 4.9 s left
 * }
 */
export function progress<T>(
  source: Iterable<T> & AsyncIterable<T>,
  options?: ProgressOptions,
): Iterable<T> & AsyncIterable<T>;
export function progress<T>(source: Iterable<T>, options?: ProgressOptions): Iterable<T>;
export function progress<T>(source: AsyncIterable<T>, options?: ProgressOptions): AsyncIterable<T>;
export function progress<T>(
  source: Iterable<T> | AsyncIterable<T>,
  options: ProgressOptions = {},
): Partial<Iterable<T> & AsyncIterable<T>> {
  check(source, options);
  const begin = (): Pass => new Pass(options.total ?? lengthOf(source), options);
  // Only the protocols of the source: a plain `for` over an asynchronous one must fail as it does without progress.
  const watched: Partial<Iterable<T> & AsyncIterable<T>> = {};
  if (Symbol.iterator in source) watched[Symbol.iterator] = () => watch(source, begin);
  if (Symbol.asyncIterator in source) watched[Symbol.asyncIterator] = () => watchAsync(source, begin);
  return watched;
}

function* watch<T>(source: Iterable<T>, begin: () => Pass): Generator<T, void, undefined> {
  const pass = begin();
  try {
    for (const item of source) {
      yield item;
      pass.step(); // the loop asks for the next item: it is done with this one
    }
  } finally {
    pass.end();
  }
}

async function* watchAsync<T>(source: AsyncIterable<T>, begin: () => Pass): AsyncGenerator<T, void, undefined> {
  const pass = begin();
  try {
    for await (const item of source) {
      yield item;
      pass.step();
    }
  } finally {
    pass.end();
  }
}

/** One pass through the source: the counts, the clock, and who is told. */
class Pass {
  readonly #label: string;
  readonly #total: number | undefined;
  readonly #every: number;
  readonly #onProgress: ((progress: Progress) => void) | undefined;
  readonly #display: Display | undefined;
  readonly #start = performance.now();
  #last = this.#start;
  #done = 0;
  #reported = -1;
  // Fading sums of items and milliseconds, for the rate.
  #items = 0;
  #time = 0;

  constructor(total: number | undefined, { label = "", every, onProgress, stream }: ProgressOptions) {
    this.#label = label;
    this.#total = total;
    this.#every = every ?? 1;
    this.#onProgress = onProgress;
    this.#report(); // before anything is on the screen, for it may throw
    this.#display = openDisplay(stream, this.#measure(), every);
  }

  step(): void {
    const now = performance.now();
    const spent = now - this.#last;
    const kept = Math.max(0.9, Math.exp(-spent / 1000));
    this.#items = kept * this.#items + 1;
    this.#time = kept * this.#time + spent;
    this.#last = now;
    this.#done++;
    if (this.#display?.due(this.#done, now)) this.#display.show(this.#measure());
    if (this.#onProgress !== undefined && this.#done % this.#every === 0) this.#report();
  }

  end(): void {
    this.#last = performance.now();
    this.#display?.close(this.#measure());
    if (this.#reported !== this.#done) this.#report();
  }

  #report(): void {
    this.#reported = this.#done;
    this.#onProgress?.(this.#measure());
  }

  #measure(): Progress {
    const done = this.#done;
    const total = this.#total;
    // A clock without fractions (some browsers) may see no time pass at all.
    const rate = this.#time > 0 ? (1000 * this.#items) / this.#time : 0;
    const remaining = total === undefined || rate === 0 ? undefined : Math.max(0, total - done) / rate;
    return { label: this.#label, done, total, elapsed: (this.#last - this.#start) / 1000, rate, remaining };
  }
}

function lengthOf(source: object): number | undefined {
  try {
    const { length, size } = source as { length?: unknown; size?: unknown };
    return [length, size].find(isCount);
  } catch {
    return undefined; // a loader's `length` throws where its sampler has none
  }
}

const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0;

function check(source: unknown, options: ProgressOptions): void {
  const iterable =
    typeof source === "object" && source !== null && (Symbol.iterator in source || Symbol.asyncIterator in source);
  if (!iterable) {
    throw new ValueError(
      `progress: the source must be iterable, got ${show(source)}`,
      "pass a loader, an array or a generator",
    );
  }
  checkOptions("progress", options, ["label", "total", "every", "onProgress", "stream"]);
  const { label, total, every, onProgress, stream } = options as Record<keyof ProgressOptions, unknown>;
  if (label !== undefined && typeof label !== "string")
    throw new ValueError(`progress: label must be a string, got ${show(label)}`);
  if (onProgress !== undefined && typeof onProgress !== "function")
    throw new ValueError(`progress: onProgress must be a function, got ${show(onProgress)}`);
  const writes = (target: unknown): boolean => typeof (target as Partial<ProgressStream>).write === "function";
  if (stream !== undefined && stream !== null && !writes(stream)) {
    throw new ValueError(
      `progress: stream must have a method write, or be null, got ${show(stream)}`,
      "pass process.stdout; null writes nothing",
    );
  }
  if (total !== undefined && !isCount(total)) {
    throw new ValueError(
      `progress: total must be an integer of 0 or more, got ${show(total)}`,
      "leave it out if it is unknown",
    );
  }
  if (every !== undefined && !(isCount(every) && every >= 1)) {
    throw new ValueError(`progress: every must be an integer of 1 or more, got ${show(every)}`);
  }
}
