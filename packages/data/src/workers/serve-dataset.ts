import { fromTransferable, manualSeed, toTransferable } from "@downhill/core";
import { checkFunction, checkOptions } from "@downhill/core/engine";
import { type Load, loadBatch, loadGiven, loadSample, samplesOf } from "../batch-loading.js";
import { checkDataset, type Dataset } from "../dataset.js";
import { failedSample } from "../fetch.js";
import { IterableDataset, type SampleSource } from "../iterable-dataset.js";
import { sampleSeed } from "../sample-seed.js";
import { holdForLife } from "./life-lock.js";
import type { Opening, Task } from "./messages.js";
import { setWorkerInfo, type WorkerInfo } from "./worker-info.js";
import { workerScope, type WorkerScope } from "./worker-scope.js";

/** What a worker loads. */
export type Served<Sample> = Dataset<Sample> | IterableDataset<Sample>;

/** The options of `serveDataset`. */
export interface ServeOptions<Sample> {
  /** Joins samples into a batch, as the loader's `collate` does without workers; gets one sample for `batchSize: null`. */
  readonly collate?: (samples: Sample[]) => unknown;
  /** Called once in each worker, before it loads anything. Same as PyTorch's worker_init_fn. */
  readonly workerInit?: (info: WorkerInfo) => void | Promise<void>;
}

/**
 * Makes the module that calls it one that workers of a DataLoader may run: they load this dataset. In a main thread it does
 * nothing, so that the module may export the dataset for the loader too.
 *
 * A function is called in the worker alone, with the loader's `workerData`: for what only a worker should hold. What a sample
 * draws from the default generator differs from pass to pass, and does not depend on how many workers there are.
 *
 * @example
 * // digits.js: new DataLoader(digits, { numWorkers: 2, worker: new URL("./digits.js", import.meta.url) })
 * const digits = synthetic.glyphDigits(1000);
 * serveDataset(digits);
 */
export function serveDataset<Sample>(
  dataset: Served<Sample> | ((data: never) => Served<Sample> | Promise<Served<Sample>>),
  options: ServeOptions<Sample> = {},
): void {
  const where = "serveDataset";
  checkOptions(where, options, ["collate", "workerInit"]);
  for (const name of ["collate", "workerInit"] as const) {
    if (options[name] !== undefined) checkFunction(`${where}: ${name}`, options[name]);
  }
  if (typeof dataset !== "function") checkServed(dataset);
  const scope = workerScope();
  if (scope === null) return;
  let server: Promise<Server> | undefined;
  let last: Promise<void> = Promise.resolve();
  scope.listen((message) => {
    if (message.downhill === "open") {
      server = open(scope, message, dataset, options);
      server.catch((error: unknown) => fail(scope, null, error));
      return;
    }
    // One after the other, so that what a task draws is its own.
    last = last.then(async () => {
      const ready = await server!.catch(() => null);
      if (message.downhill === "end") ready?.end(message.pass);
      else await ready?.load(message);
    });
  });
  scope.post({ downhill: "hello" });
}

function checkServed(dataset: unknown): void {
  if (!(dataset instanceof IterableDataset)) checkDataset("serveDataset", dataset);
}

async function open(
  scope: WorkerScope,
  opening: Opening,
  given: Served<unknown> | ((data: never) => Served<unknown> | Promise<Served<unknown>>),
  { collate, workerInit }: ServeOptions<never>,
): Promise<Server> {
  const { id, numWorkers, lock } = opening;
  scope.post({ downhill: "opened", locked: await holdForLife(lock) });
  setWorkerInfo({ id, numWorkers });
  const dataset = typeof given === "function" ? await given(fromTransferable(opening.data) as never) : given;
  checkServed(dataset);
  const info = { id, numWorkers, dataset };
  setWorkerInfo(info);
  await workerInit?.(info);
  const iterable = dataset instanceof IterableDataset;
  scope.post({ downhill: "ready", length: dataset.length ?? null, iterable });
  return new Server(scope, opening, dataset, collate);
}

/** Loads what the tasks ask for. */
class Server {
  readonly #scope: WorkerScope;
  readonly #load: Load<unknown>;
  readonly #begin: (() => SampleSource<unknown>) | null;
  /** Of an IterableDataset, by pass. */
  readonly #streams = new Map<number, Iterator<unknown> | AsyncIterator<unknown>>();

  constructor(
    scope: WorkerScope,
    { batchSize, batched, dropLast }: Opening,
    dataset: Served<unknown>,
    collate: unknown,
  ) {
    this.#scope = scope;
    if (dataset instanceof IterableDataset) {
      this.#load = loadGiven(batchSize !== null, collate);
      this.#begin = () => samplesOf(dataset, batchSize, dropLast);
    } else {
      this.#load = (batched ? loadBatch : loadSample)(dataset, collate);
      this.#begin = null;
    }
  }

  async load({ task, item, pass, seed, number, skip }: Task): Promise<void> {
    try {
      manualSeed(sampleSeed(seed, number));
      const given = this.#begin === null ? item : await this.#next(pass, this.#begin, skip);
      if (given === ended) {
        this.#scope.post({ downhill: "loaded", task });
        return;
      }
      const { message, transfer } = await toTransferable(await this.#load(given, seed));
      this.#scope.post({ downhill: "loaded", task, batch: { message } }, transfer);
    } catch (error) {
      fail(this.#scope, task, error, typeof item === "number" ? item : undefined);
    }
  }

  end(pass: number): void {
    const stream = this.#streams.get(pass);
    this.#streams.delete(pass);
    void stream?.return?.();
  }

  async #next(pass: number, begin: () => SampleSource<unknown>, skip: number): Promise<unknown> {
    let stream = this.#streams.get(pass);
    if (stream === undefined) {
      const samples = begin();
      stream = Symbol.iterator in samples ? samples[Symbol.iterator]() : samples[Symbol.asyncIterator]();
      this.#streams.set(pass, stream);
    }
    for (let left = skip; ; left--) {
      const next = await stream.next();
      if (next.done === true) return ended;
      if (left === 0) return next.value;
    }
  }
}

const ended: unique symbol = Symbol("ended");

function fail(scope: WorkerScope, task: number | null, error: unknown, item?: number): void {
  const { name, message, stack } =
    error instanceof Error ? error : { name: "Error", message: String(error), stack: undefined };
  const index = failedSample(error) ?? item;
  scope.post({ downhill: "failed", task, name, message, stack, index });
}
