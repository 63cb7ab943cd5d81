import { ValueError } from "@downhill/core";
import { checkCount, checkOptions, show } from "@downhill/core/engine";

/** What gives samples one after the other, at once or after a wait. */
export type SampleSource<Sample> = Iterable<Sample> | AsyncIterable<Sample>;

/** The options of `IterableDataset`. */
export interface IterableDatasetOptions {
  /** How many samples a pass gives, where that is known: for `loader.length` and for `progress`. */
  readonly length?: number;
}

/**
 * Holds samples that come one after the other and have no number: lines of a file, a stream, simulations. A loader batches
 * them in the order in which they come; `shuffle` and samplers do not apply. Same as torch.utils.data.IterableDataset,
 * whose `__iter__` is the function given here.
 *
 * Pass a function that begins a pass, such as a generator function (an async one where samples have to be waited for), or
 * anything that can be iterated more than once.
 *
 * @example
 * const squares = new IterableDataset(function* () {
 *   for (let i = 0; i < 5; i++) yield i * i;
 * });
 * const batches = [...new DataLoader(squares, { batchSize: 3 })]; // [tensor([0., 1., 4.]), tensor([ 9., 16.])]
 */
export class IterableDataset<Sample> implements Iterable<Sample>, AsyncIterable<Sample> {
  /** Samples of a pass; undefined where nobody knows. */
  readonly length: number | undefined;
  readonly #begin: () => SampleSource<Sample>;

  constructor(source: SampleSource<Sample> | (() => SampleSource<Sample>), options: IterableDatasetOptions = {}) {
    const where = new.target.name;
    checkOptions(where, options, ["length"]);
    this.length = options.length === undefined ? undefined : checkCount(where, "length", options.length, 0);
    if (typeof source !== "function") checkSource(where, source);
    this.#begin = typeof source === "function" ? source : () => source;
  }

  /** Begins a pass: what gives its samples. */
  samples(): SampleSource<Sample> {
    const samples = this.#begin();
    if (isSource(samples)) return samples;
    throw new ValueError(
      `IterableDataset: the function should give an iterable of samples, it gave ${show(samples)}`,
      "function* () { yield … }",
    );
  }

  /** The samples of all datasets in their order. */
  [Symbol.iterator](): Iterator<Sample> {
    const samples = this.samples();
    if (Symbol.iterator in samples) return samples[Symbol.iterator]();
    throw new ValueError(
      "IterableDataset: its samples have to be waited for, which a plain for cannot do",
      "write for await (const sample of dataset)",
    );
  }

  /** The samples of all datasets in their order. */
  async *[Symbol.asyncIterator](): AsyncIterator<Sample> {
    yield* this.samples();
  }
}

/**
 * Gives the samples of several iterable datasets, one dataset after the other. Same as torch.utils.data.ChainDataset.
 *
 * @example
 * const chain = new ChainDataset([new IterableDataset([1, 2]), new IterableDataset([3])]);
 * [...chain]; // [1, 2, 3]
 */
export class ChainDataset<Sample> extends IterableDataset<Sample> {
  readonly datasets: readonly IterableDataset<Sample>[];

  constructor(datasets: Iterable<IterableDataset<Sample>>) {
    const parts = Array.from(datasets);
    const odd = parts.findIndex((part) => !(part instanceof IterableDataset));
    if (odd >= 0) {
      throw new ValueError(
        `ChainDataset: datasets[${odd}] must be an IterableDataset, got ${show(parts[odd])}`,
        "datasets with get(index) go into new ConcatDataset([…])",
      );
    }
    const length = parts.reduce<number | undefined>(
      (sum, part) => (sum === undefined || part.length === undefined ? undefined : sum + part.length),
      0,
    );
    super(() => joined(parts.map((part) => part.samples())), length === undefined ? {} : { length });
    this.datasets = parts;
  }
}

/** Waits only where a part does. */
function joined<Sample>(parts: readonly SampleSource<Sample>[]): SampleSource<Sample> {
  const now = parts.filter((part): part is Iterable<Sample> => Symbol.iterator in part);
  return now.length === parts.length ? joinedNow(now) : joinedLater(parts);
}

function* joinedNow<Sample>(parts: readonly Iterable<Sample>[]): Iterable<Sample> {
  for (const part of parts) yield* part;
}

async function* joinedLater<Sample>(parts: readonly SampleSource<Sample>[]): AsyncIterable<Sample> {
  for (const part of parts) yield* part;
}

const isSource = (value: unknown): value is object =>
  typeof value === "object" && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value);

function checkSource(where: string, source: unknown): void {
  if (!isSource(source)) {
    throw new ValueError(
      `${where}: expects an iterable of samples, or a function that gives one, got ${show(source)}`,
      "function* () { yield … }",
    );
  }
  if ("next" in source) {
    throw new ValueError(
      `${where}: the source is an iterator, which is used up by the first pass`,
      "pass the generator function itself",
    );
  }
}
