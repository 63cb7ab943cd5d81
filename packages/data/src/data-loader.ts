import { defaultGenerator, type Generator, ValueError } from "@downhill/core";
import { show } from "@downhill/core/engine";
import { checkDataset, type Dataset } from "./dataset.js";
import type { Collated } from "./default-collate.js";
import { type Converted, defaultConvert } from "./default-convert.js";
import { fetchBatch, fetchSamples, isPromise, whenReady } from "./fetch.js";
import { checkLoaderOptions } from "./loader-options.js";
import { BatchSampler } from "./batch-sampler.js";
import { RandomSampler } from "./random-sampler.js";
import { checkLoaderState, type LoaderState } from "./loader-state.js";
import { LoaderStreams } from "./loader-streams.js";
import { lengthOf, type Sampler, type SamplerLike, toSampler } from "./sampler.js";
import { SequentialSampler } from "./sequential-sampler.js";
import { endTurn } from "./turn.js";

/** What a loader gives without a `collate` of the caller's: collated batches, or converted samples for `batchSize: null`. */
export type Loaded<Sample, Size extends number | null> = Size extends null ? Converted<Sample> : Collated<Sample>;

export interface DataLoaderOptions<Sample, Size extends number | null = number, Batch = Loaded<Sample, Size>> {
  /** Samples per batch; null gives the samples one by one, not batched. Default: 1. */
  readonly batchSize?: Size;
  /** Whether each pass has a new random order. Default: false. */
  readonly shuffle?: boolean;
  /** Gives the order in the place of `shuffle`. */
  readonly sampler?: SamplerLike;
  /** Gives the indices of each batch, in the place of `batchSize`, `shuffle`, `sampler` and `dropLast`. */
  readonly batchSampler?: SamplerLike<ArrayLike<number>>;
  /** Whether to leave out the last batch where it is shorter. Default: false. */
  readonly dropLast?: boolean;
  /** Where the order comes from; the default generator if left out. */
  readonly generator?: Generator;
  /** Joins samples into a batch; gets one sample for `batchSize: null`. Default: `defaultCollate`, `defaultConvert`. */
  readonly collate?: (samples: Size extends null ? Sample : Sample[]) => Batch | Promise<Batch>;
}

/**
 * Loads a dataset in batches, in order or shuffled. Each loop over it is a pass: `for await` in general, a plain `for` too
 * where the data is in memory (nothing that loads it returns a Promise).
 *
 * Follows torch.utils.data.DataLoader without workers, draw for draw: with the same seed the order is PyTorch's, and the
 * stream stands at the same place after each pass, also after one that was left early. Each pass draws 64 bits when it
 * begins, shuffled or not.
 *
 * Throws a ValueError for options that exclude each other, as in PyTorch, for an unknown option, for a `batchSize` that is
 * no integer of 1 or more, and for shuffling an empty dataset.
 *
 * @example
 * const [X, y] = [randn([100, 3]), randn([100, 1])];
 * const loader = new DataLoader(new TensorDataset(X, y), { batchSize: 10, shuffle: true });
 * for await (const [batchX, batchY] of loader) {
 *   // batchX has shape [10, …]
 * }
 */
export class DataLoader<Sample, Size extends number | null = number, Batch = Loaded<Sample, Size>>
  implements Iterable<Batch>, AsyncIterable<Batch>
{
  readonly dataset: Dataset<Sample>;
  /** null where samples are not batched, or a batchSampler batches them. */
  readonly batchSize: number | null;
  readonly dropLast: boolean;
  readonly sampler: Sampler;
  /** null where samples are not batched. */
  readonly batchSampler: Sampler<ArrayLike<number>> | null;
  readonly generator: Generator | undefined;
  readonly #load: Load<Batch>;
  readonly #streams: LoaderStreams;
  /** The last pass that has begun, until its end; null between passes. */
  #pass: Pass | null = null;
  /** Where the next pass goes on. */
  #resume: LoaderState | null = null;

  constructor(dataset: Dataset<Sample>, options: DataLoaderOptions<Sample, Size, Batch> = {}) {
    checkDataset("DataLoader", dataset);
    checkLoaderOptions(options);
    const { shuffle = false, sampler, batchSampler, dropLast = false, generator } = options;
    const batchSize = options.batchSize === undefined ? 1 : options.batchSize;
    this.dataset = dataset;
    this.batchSize = batchSampler === undefined ? batchSize : null;
    this.dropLast = dropLast;
    this.generator = generator;
    if (sampler !== undefined) this.sampler = toSampler("DataLoader: sampler", sampler);
    else if (shuffle) this.sampler = new RandomSampler(dataset, generator === undefined ? {} : { generator });
    else this.sampler = new SequentialSampler(dataset);
    if (batchSampler !== undefined) this.batchSampler = toSampler("DataLoader: batchSampler", batchSampler);
    else this.batchSampler = batchSize === null ? null : new BatchSampler(this.sampler, batchSize, dropLast);
    this.#streams = new LoaderStreams([generator, this.sampler, this.batchSampler]);
    this.#load = (this.batchSampler === null ? loadSample : loadBatch)(dataset, options.collate);
  }

  /** Number of batches in a pass (of samples for `batchSize: null`). Throws if the sampler has no length. */
  get length(): number {
    return lengthOf("DataLoader", this.batchSampler ?? this.sampler);
  }

  [Symbol.iterator](): IterableIterator<Batch> {
    return this.#deliver(this.#begin());
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Batch> {
    return this.#deliverAsync(this.#begin());
  }

  /**
   * Where the loader stands: `saveCheckpoint` saves it, or you do. In the midst of a pass, also of one that was left early,
   * a loader that loads it goes on with the very next batch, in a new process too; the passes after it are the same if
   * the default generator's state is restored as well (`loadCheckpoint` does it). Same as StatefulDataLoader.state_dict.
   *
   * A sampler of your own has to give its order again when the generators stand where they stood.
   *
   * @example
   * const [first, ...others] = new DataLoader(dataset, { batchSize: 2 });
   * const one = new DataLoader(dataset, { batchSize: 2 });
   * for (const batch of one) break;
   * const two = new DataLoader(dataset, { batchSize: 2 });
   * two.loadStateDict(one.stateDict());
   * [...two].length; // 2
   * [...two].length; // 3
   */
  stateDict(): LoaderState {
    const place = this.#resume ?? { position: this.#pass?.position ?? null, start: this.#streams.starts() };
    return {
      position: place.position,
      start: place.position === null ? [] : place.start,
      generators: this.#streams.states(),
      length: this.dataset.length,
      batchSize: this.batchSize,
    };
  }

  /**
   * Takes over what `stateDict` of a loader of the same data and options returned: the next pass goes on there.
   *
   * @throws ValueError for a state of another loader; nothing has changed then.
   */
  loadStateDict(state: LoaderState): void {
    checkLoaderState(state, this.stateDict(), this.#streams.count);
    this.#streams.setStates(state.generators);
    this.#pass = null;
    this.#resume = state.position === null ? null : state;
  }

  #begin(): Pass {
    const resume = this.#resume;
    this.#resume = null;
    this.#streams.noteStarts(resume?.start);
    const back = resume === null ? null : this.#streams.goToStarts();
    const indices = (this.batchSampler ?? this.sampler)[Symbol.iterator]();
    // PyTorch's draw of a seed for its workers, which it makes without any too: 64 bits.
    const generator = this.generator ?? defaultGenerator;
    generator.random32();
    generator.random32();
    const pass = { indices: { [Symbol.iterator]: () => indices }, position: resume?.position ?? 0 };
    for (let i = 0; i < pass.position && indices.next().done !== true; i++); // at the end it stays there
    back?.();
    return (this.#pass = pass);
  }

  *#deliver(pass: Pass): IterableIterator<Batch> {
    for (const index of pass.indices) {
      const batch = this.#load(index);
      if (isPromise(batch)) {
        batch.then(undefined, () => undefined); // the error below is the one to see
        throw new ValueError(
          `DataLoader: what it loads for index ${show(index)} comes as a Promise, which a plain for cannot wait for`,
          "write for await (const batch of loader)",
        );
      }
      pass.position++;
      yield batch;
      void endTurn(batch);
    }
    this.#end(pass);
  }

  async *#deliverAsync(pass: Pass): AsyncIterableIterator<Batch> {
    for (const index of pass.indices) {
      const loaded = this.#load(index);
      const batch = isPromise(loaded) ? await loaded : loaded;
      pass.position++;
      yield batch;
      const wait = endTurn(batch);
      if (wait !== undefined) await wait;
    }
    this.#end(pass);
  }

  #end(pass: Pass): void {
    if (this.#pass === pass) this.#pass = null;
  }
}

/** A pass through the data: what is left of its order, and how many batches it has given. */
interface Pass {
  readonly indices: Iterable<number | ArrayLike<number>>;
  position: number;
}

type Load<Batch> = (index: number | ArrayLike<number>) => Batch | Promise<Batch>;

/** How samples are loaded that are not batched. */
function loadSample<Sample, Batch>(dataset: Dataset<Sample>, collate: unknown): Load<Batch> {
  const convert = (collate ?? defaultConvert) as (sample: Sample) => Batch | Promise<Batch>;
  return (index) => whenReady(dataset.get(index as number), convert);
}

/** How batches are loaded. A collation of the caller's gets the samples, so that it replaces gathering too. */
function loadBatch<Sample, Batch>(dataset: Dataset<Sample>, collate: unknown): Load<Batch> {
  if (collate === undefined) return (indices) => fetchBatch(dataset, toBatch(indices)) as Batch | Promise<Batch>;
  const join = collate as (samples: Sample[]) => Batch | Promise<Batch>;
  return (indices) => whenReady(fetchSamples(dataset, toBatch(indices)), join);
}

function toBatch(indices: unknown): readonly number[] {
  if (Array.isArray(indices)) return indices as number[];
  if (ArrayBuffer.isView(indices)) return Array.from(indices as unknown as ArrayLike<number>);
  throw new ValueError(
    `DataLoader: batchSampler must give an array of indices for each batch, got ${show(indices)}`,
    "a sampler of single indices is the option `sampler`",
  );
}
