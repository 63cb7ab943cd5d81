import { type Device, toTransferable, ValueError } from "@downhill/core";
import { LoaderWorker, NO_MORE } from "./loader-worker.js";
import type { Opening, Task } from "./messages.js";
import type { WorkerStart } from "./start-worker.js";

export interface PoolOptions extends Omit<Opening, "downhill" | "lock" | "id" | "data"> {
  readonly worker: WorkerStart;
  readonly workerData: unknown;
  /** What the workers' dataset has to be like. */
  readonly iterable: boolean;
  readonly length: number | null;
}

/** A loader's workers. */
export class WorkerPool {
  readonly #workers: readonly LoaderWorker[];
  readonly #iterable: boolean;
  #passes = 0;

  private constructor(workers: readonly LoaderWorker[], iterable: boolean) {
    this.#workers = workers;
    this.#iterable = iterable;
  }

  /** Starts the workers, and waits until they have their dataset. */
  static async open({ worker, workerData, iterable, length, ...opening }: PoolOptions): Promise<WorkerPool> {
    const workers: LoaderWorker[] = [];
    try {
      for (let id = 0; id < opening.numWorkers; id++) {
        const { message, transfer } = await toTransferable(workerData);
        workers.push(new LoaderWorker(worker, { ...opening, id, data: message }, transfer));
      }
      for (const each of workers) {
        const ready = await each.ready;
        if (ready.iterable === iterable && ready.length === length) continue;
        const kind = (is: boolean, count: number | null): string =>
          `${is ? "an IterableDataset" : "a dataset"} of ${count ?? "unknown"} samples`;
        throw new ValueError(
          `DataLoader: the loader has ${kind(iterable, length)}, its workers serve ${kind(ready.iterable, ready.length)}`,
          "serveDataset and the loader take the same dataset",
        );
      }
    } catch (error) {
      for (const each of workers) each.stop();
      throw error;
    }
    return new WorkerPool(workers, iterable);
  }

  /** Whether all can go on. */
  get isAlive(): boolean {
    return this.#workers.every(({ isAlive }) => isAlive);
  }

  /** Begins a pass; items are loaded through it. */
  begin(seed: number, device: Device | undefined): PoolPass {
    return new PoolPass(this.#workers, this.#iterable, { pass: this.#passes++, seed }, device);
  }

  close(): void {
    for (const worker of this.#workers) worker.stop();
  }
}

/** A pass through the data, shared among workers. */
export class PoolPass {
  readonly #workers: readonly LoaderWorker[];
  readonly #iterable: boolean;
  readonly #pass: Pick<Task, "pass" | "seed">;
  readonly #device: Device | undefined;
  /** Of the streams of an IterableDataset: how many batches each worker has been asked for, and which have no more. */
  readonly #asked: number[];
  readonly #ended = new Set<number>();

  constructor(
    workers: readonly LoaderWorker[],
    iterable: boolean,
    pass: Pick<Task, "pass" | "seed">,
    device: Device | undefined,
  ) {
    this.#workers = workers;
    this.#iterable = iterable;
    this.#pass = pass;
    this.#device = device;
    this.#asked = workers.map(() => 0);
  }

  /** Whether no worker's stream has more. */
  get isOver(): boolean {
    return this.#ended.size === this.#workers.length;
  }

  /** Loads batch `number` of the pass; gives NO_MORE where a stream has ended. */
  load(item: number | readonly number[] | null, number: number): Promise<unknown> {
    return this.#iterable ? this.#loadNext(number) : this.#least().load(this.#task(item, number, 0), this.#device);
  }

  end(): void {
    if (this.#iterable) for (const worker of this.#workers) worker.endPass(this.#pass.pass);
  }

  /** Batch t of the pass is batch ⌊t / n⌋ of worker t mod n: whatever has been given already, and however fast they are. */
  async #loadNext(number: number): Promise<unknown> {
    const count = this.#workers.length;
    const id = number % count;
    if (this.#ended.has(id)) return NO_MORE;
    const place = Math.floor(number / count);
    const skip = place - this.#asked[id]!;
    this.#asked[id] = place + 1;
    const batch = await this.#workers[id]!.load(this.#task(null, number, skip), this.#device);
    if (batch === NO_MORE) this.#ended.add(id);
    return batch;
  }

  #task(item: Task["item"], number: number, skip: number): Omit<Task, "downhill" | "task"> {
    return { ...this.#pass, item, number, skip };
  }

  #least(): LoaderWorker {
    return this.#workers.reduce((least, worker) => (worker.pending < least.pending ? worker : least));
  }
}
