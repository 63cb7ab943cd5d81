import { DownhillError, type Device } from "@downhill/core";
import { toBatch } from "../batch-loading.js";
import type { SampleSource } from "../iterable-dataset.js";
import type { WorkerStart } from "./start-worker.js";
import { type PoolOptions, WorkerPool } from "./worker-pool.js";

/** The options of a DataLoader that are about workers. */
export interface WorkerOptions {
  /**
   * How many batches are loaded ahead: for each worker (default: 2), or in this thread when the loop waits for something
   * (default: 1 with a `device`, else 0).
   */
  readonly prefetchFactor?: number;
  /** How many workers load; 0 loads in this thread. Default: 0. */
  readonly numWorkers?: number;
  /** The URL of the workers' module, which calls `serveDataset`; with a bundler, a function that starts such a worker. */
  readonly worker?: WorkerStart;
  /** What a function given to `serveDataset` is called with; copied to each worker, tensors too. */
  readonly workerData?: unknown;
  /** Whether the workers stay for the next pass, until `close()`. Default: false. */
  readonly persistentWorkers?: boolean;
  /** Whether workers' batches come in their order, rather than as they are ready. Default: true. */
  readonly inOrder?: boolean;
  /** How many seconds to wait for a batch of the workers; 0 waits for ever. Default: 0. */
  readonly timeout?: number;
}

/** A pass's share of the workers. */
export interface WorkerShare {
  load(item: unknown, number: number): Promise<unknown>;
  /** The items, as long as there may be more. */
  through(items: SampleSource<unknown>): Iterable<unknown>;
  /** The pass is over, or was left. */
  end(): void;
}

/** A loader's workers: started by its first pass and, unless they are to stay, ended with it. */
export class LoaderWorkers {
  readonly count: number;
  readonly inOrder: boolean;
  /** How many batches are on their way, or wait, at most. */
  readonly ahead: number;
  readonly #options: PoolOptions;
  readonly #persistent: boolean;
  readonly #timeout: number;
  #kept: Promise<WorkerPool> | null = null;

  constructor(
    { worker, workerData, prefetchFactor = 2, persistentWorkers = false, inOrder = true, timeout = 0 }: WorkerOptions,
    loader: Omit<PoolOptions, "worker" | "workerData">,
  ) {
    this.#options = { worker: worker!, workerData, ...loader };
    this.count = loader.numWorkers;
    this.inOrder = inOrder;
    this.ahead = prefetchFactor * loader.numWorkers;
    this.#persistent = persistentWorkers;
    this.#timeout = timeout;
  }

  async begin(seed: number, device: Device | undefined): Promise<WorkerShare> {
    const pool = await this.#pool();
    const pass = pool.begin(seed, device);
    const { iterable, batched } = this.#options;
    return {
      load: (item, number) => {
        if (iterable) return pass.load(null, number);
        return pass.load(batched ? toBatch(item) : (item as number), number);
      },
      *through(items) {
        for (const item of items as Iterable<unknown>) {
          if (iterable && pass.isOver) return;
          yield item;
        }
      },
      end: () => {
        pass.end();
        if (!this.#persistent) pool.close();
      },
    };
  }

  /** Waits for a batch as long as the loader shall. */
  wait<T>(arrival: Promise<T>): Promise<T> {
    if (this.#timeout === 0) return arrival;
    return new Promise((resolve, reject) => {
      const late = (): void => {
        const error = `DataLoader: no batch has come from the workers within the timeout of ${this.#timeout} s`;
        reject(new DownhillError(error, "a greater timeout, or look at what a sample takes"));
      };
      const timer = setTimeout(late, 1000 * this.#timeout);
      void arrival.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }

  close(): void {
    const kept = this.#kept;
    this.#kept = null;
    kept?.then((pool) => pool.close()).catch(() => undefined);
  }

  async #pool(): Promise<WorkerPool> {
    if (!this.#persistent) return WorkerPool.open(this.#options);
    const kept = await this.#kept?.catch(() => null);
    if (kept?.isAlive !== true) {
      kept?.close();
      this.#kept = WorkerPool.open(this.#options);
    }
    return this.#kept!;
  }
}
