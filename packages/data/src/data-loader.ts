import { defaultGenerator, type Device, type Generator, getDevice, ValueError } from "@downhill/core";
import { show } from "@downhill/core/engine";
import { begun, type Load, loadBatch, loadGiven, loadSample, samplesOf, skipping } from "./batch-loading.js";
import { checkDataset, type Dataset } from "./dataset.js";
import type { Collated } from "./default-collate.js";
import type { Converted } from "./default-convert.js";
import { isPromise, whenReady } from "./fetch.js";
import { IterableDataset, type SampleSource } from "./iterable-dataset.js";
import { checkLoaderOptions } from "./loader-options.js";
import { BatchSampler } from "./batch-sampler.js";
import { RandomSampler } from "./random-sampler.js";
import { loadAhead } from "./load-ahead.js";
import { LoaderPass } from "./loader-pass.js";
import { checkLoaderState, type LoaderState } from "./loader-state.js";
import { LoaderStreams } from "./loader-streams.js";
import { lengthOf, type Sampler, type SamplerLike, toSampler } from "./sampler.js";
import { SequentialSampler } from "./sequential-sampler.js";
import { toDevice } from "./to-device.js";
import { endTurn } from "./turn.js";
import { LoaderWorkers, type WorkerOptions } from "./workers/loader-workers.js";
import { NO_MORE } from "./workers/loader-worker.js";

/** What a loader gives without a `collate` of the caller's: collated batches, or converted samples for `batchSize: null`. */
export type Loaded<Sample, Size extends number | null> = Size extends null ? Converted<Sample> : Collated<Sample>;

/** The options of `DataLoader`. */
export interface DataLoaderOptions<
  Sample,
  Size extends number | null = number,
  Batch = Loaded<Sample, Size>,
> extends WorkerOptions {
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
  /** Where the batches' tensors go. In a `for await` the next batch is loaded and uploaded while this one trains. */
  readonly device?: string | Device;
}

/**
 * Loads a dataset in batches, in order or shuffled. Each loop over it is a pass: `for await` in general, a plain `for` too
 * where the data is in memory (nothing that loads it returns a Promise).
 *
 * Follows torch.utils.data.DataLoader without workers, draw for draw: with the same seed the order is PyTorch's, and the
 * stream stands at the same place after each pass, also after one that was left early. Each pass draws 64 bits when it
 * begins, shuffled or not.
 *
 * Takes an IterableDataset too, whose samples come in an order of their own: no `shuffle`, no samplers, and where a pass
 * goes on it reads again what came before. Each worker has a stream of its own; `getWorkerInfo` tells it which part to give.
 *
 * Workers run a module of yours that calls `serveDataset`, and send their batches without a copy. Order, seeds and batches
 * are those of a loader without workers, however many there are. What goes wrong there comes back as a WorkerError.
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
  readonly dataset: Dataset<Sample> | IterableDataset<Sample>;
  /** null where samples are not batched, or a batchSampler batches them. */
  readonly batchSize: number | null;
  readonly dropLast: boolean;
  /** null for an IterableDataset, whose samples come in an order of their own. */
  readonly sampler: Sampler | null;
  /** null where samples are not batched, or come from an IterableDataset. */
  readonly batchSampler: Sampler<ArrayLike<number>> | null;
  readonly generator: Generator | undefined;
  readonly #load: Load<Batch>;
  readonly #streams: LoaderStreams;
  readonly #device: Device | undefined;
  readonly #workers: LoaderWorkers | null;
  /** How many batches are on their way while the caller works on one. */
  readonly #ahead: number;
  /** The last pass that has begun, until its end; null between passes. */
  #pass: LoaderPass | null = null;
  /** Where the next pass goes on. */
  #resume: LoaderState | null = null;

  constructor(
    dataset: Dataset<Sample> | IterableDataset<Sample>,
    options: DataLoaderOptions<Sample, Size, Batch> = {},
  ) {
    if (!(dataset instanceof IterableDataset)) checkDataset("DataLoader", dataset);
    checkLoaderOptions(options, dataset instanceof IterableDataset);
    const { shuffle = false, sampler, batchSampler, dropLast = false, generator } = options;
    const batchSize = options.batchSize === undefined ? 1 : options.batchSize;
    this.dataset = dataset;
    this.batchSize = batchSampler === undefined ? batchSize : null;
    this.dropLast = dropLast;
    this.generator = generator;
    if (dataset instanceof IterableDataset) this.sampler = null;
    else if (sampler !== undefined) this.sampler = toSampler("DataLoader: sampler", sampler);
    else if (shuffle) this.sampler = new RandomSampler(dataset, generator === undefined ? {} : { generator });
    else this.sampler = new SequentialSampler(dataset);
    if (batchSampler !== undefined) this.batchSampler = toSampler("DataLoader: batchSampler", batchSampler);
    else if (this.sampler === null || batchSize === null) this.batchSampler = null;
    else this.batchSampler = new BatchSampler(this.sampler, batchSize, dropLast);
    this.#streams = new LoaderStreams([generator, this.sampler, this.batchSampler]);
    this.#device = options.device === undefined ? undefined : getDevice(options.device);
    const load: Load<Batch> =
      dataset instanceof IterableDataset
        ? loadGiven(batchSize !== null, options.collate)
        : (this.batchSampler === null ? loadSample : loadBatch)(dataset, options.collate);
    const device = this.#device;
    this.#load =
      device === undefined ? load : (item, seed) => whenReady(load(item, seed), (batch) => toDevice(batch, device));
    const { numWorkers = 0, prefetchFactor } = options;
    this.#workers = numWorkers === 0 ? null : this.#workersFor(numWorkers, options);
    this.#ahead = this.#workers?.ahead ?? prefetchFactor ?? (device === undefined ? 0 : 1);
  }

  /** Number of batches in a pass (of samples for `batchSize: null`). Throws if the sampler has no length. */
  get length(): number {
    if (this.sampler !== null) return lengthOf("DataLoader", this.batchSampler ?? this.sampler);
    const { length } = this.dataset;
    if (length === undefined) {
      throw new ValueError(
        "DataLoader: the IterableDataset has no length",
        "count while iterating, or give it one: new IterableDataset(source, { length })",
      );
    }
    return (this.dropLast ? Math.floor : Math.ceil)(length / (this.batchSize ?? 1));
  }

  /** Begins a pass over samples in memory. */
  [Symbol.iterator](): IterableIterator<Batch> {
    return this.#deliver(this.#begin());
  }

  /** Begins a pass; the next batch waits until the device has room. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Batch> {
    return (this.#ahead === 0 ? this.#deliverAsync : this.#deliverAhead).call(this, this.#begin());
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
    const { position, early } = this.#resume ?? this.#pass ?? { position: null, early: [] };
    return {
      position,
      early,
      start: position === null ? [] : (this.#resume?.start ?? this.#streams.starts()),
      generators: this.#pass?.generators ?? this.#streams.states(),
      length: this.dataset.length ?? null,
      batchSize: this.batchSize,
      streams: this.sampler === null ? (this.#workers?.count ?? 1) : 1,
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

  /** Ends workers that `persistentWorkers` has kept; the next pass starts others. */
  close(): void {
    this.#workers?.close();
  }

  /** The same as `close`. */
  [Symbol.dispose](): void {
    this.close();
  }

  #begin(): LoaderPass {
    const resume = this.#resume;
    this.#resume = null;
    this.#streams.noteStarts(resume?.start);
    const back = resume === null ? null : this.#streams.goToStarts();
    const items = this.#items();
    // PyTorch's draw of a seed for its workers, which it makes without any too: 64 bits.
    const generator = this.generator ?? defaultGenerator;
    const seed = generator.random32();
    generator.random32();
    const position = resume?.position ?? 0;
    // Ahead of batches, the first item is drawn at once, as PyTorch does with workers: before its first batch, a pass has its order.
    const draws = this.#ahead > 0 && this.sampler !== null && position === 0;
    const rest = draws ? begun(items as Iterable<unknown>) : skipping(items, position);
    back?.();
    return (this.#pass = new LoaderPass(rest, seed, position, resume?.early ?? [], this.#mark()));
  }

  /** Where the own generators stand, if they may be ahead of the batches. */
  #mark(): readonly Uint8Array[] | null {
    return this.#ahead > 0 && this.#streams.count > 0 ? this.#streams.states() : null;
  }

  #workersFor(numWorkers: number, options: WorkerOptions): LoaderWorkers {
    return new LoaderWorkers(options, {
      numWorkers,
      batchSize: this.batchSize,
      batched: this.batchSampler !== null,
      dropLast: this.dropLast,
      iterable: this.sampler === null,
      length: this.dataset.length ?? null,
    });
  }

  /** Begins the order of a pass: indices or batches of them, or what an IterableDataset gives. */
  #items(): SampleSource<unknown> {
    if (this.dataset instanceof IterableDataset && this.#workers !== null) return endless();
    if (this.dataset instanceof IterableDataset) return samplesOf(this.dataset, this.batchSize, this.dropLast);
    const indices = (this.batchSampler ?? this.sampler!)[Symbol.iterator]();
    return { [Symbol.iterator]: () => indices };
  }

  *#deliver(pass: LoaderPass): IterableIterator<Batch> {
    if (this.#workers !== null) {
      throw new ValueError(
        "DataLoader: batches come from workers, which a plain for cannot wait for",
        "write for await (const batch of loader)",
      );
    }
    if (!(Symbol.iterator in pass.items)) {
      throw new ValueError(
        "DataLoader: the samples of this IterableDataset have to be waited for, which a plain for cannot do",
        "write for await (const batch of loader)",
      );
    }
    const early = new Set(pass.early);
    let number = pass.position;
    for (const item of pass.items) {
      const own = number++;
      if (early.has(own)) continue;
      const batch = this.#load(item, pass.seed);
      if (isPromise(batch)) {
        batch.then(undefined, () => undefined); // the error below is the one to see
        throw new ValueError(
          `DataLoader: what it loads for index ${show(item)} comes as a Promise, which a plain for cannot wait for`,
          "write for await (const batch of loader)",
        );
      }
      pass.give(own);
      yield batch;
      void endTurn(batch);
    }
    this.#end(pass);
  }

  async *#deliverAsync(pass: LoaderPass): AsyncIterableIterator<Batch> {
    const early = new Set(pass.early);
    let number = pass.position;
    for await (const item of pass.items) {
      const own = number++;
      if (early.has(own)) continue;
      const loaded = this.#load(item, pass.seed);
      const batch = isPromise(loaded) ? await loaded : loaded;
      pass.give(own);
      yield batch;
      const wait = endTurn(batch);
      if (wait !== undefined) await wait;
    }
    this.#end(pass);
  }

  /** With workers, or with batches that are loaded ahead in this thread. */
  async *#deliverAhead(pass: LoaderPass): AsyncIterableIterator<Batch> {
    const workers = this.#workers;
    const share = await workers?.begin(pass.seed, this.#device);
    try {
      const arrivals = loadAhead<unknown, Batch>(share?.through(pass.items) ?? pass.items, {
        ahead: this.#ahead,
        inOrder: workers?.inOrder ?? true,
        first: pass.position,
        done: new Set(pass.early),
        load: (item, number) =>
          (share?.load(item, number) as Promise<Batch> | undefined) ?? this.#load(item, pass.seed),
        later: workers === null,
        mark: () => this.#mark(),
        wait: (arrival) => workers?.wait(arrival) ?? arrival,
      });
      for await (const { number, mark, batch } of arrivals) {
        pass.give(number, mark);
        if (batch === (NO_MORE as unknown)) continue;
        yield batch;
        const wait = endTurn(batch);
        if (wait !== undefined) await wait;
      }
    } finally {
      share?.end();
    }
    this.#end(pass);
  }

  #end(pass: LoaderPass): void {
    if (this.#pass === pass) this.#pass = null;
  }
}

/** The items of an IterableDataset in workers: whoever loads says when there are no more. */
function* endless(): IterableIterator<null> {
  for (;;) yield null;
}
