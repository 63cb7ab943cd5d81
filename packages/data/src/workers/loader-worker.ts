import { fromTransferable, type Device } from "@downhill/core";
import { show } from "@downhill/core/engine";
import { lockName, onEndOfLife } from "./life-lock.js";
import { type FromWorker, isOurs, type Opening, type Ready, type Task } from "./messages.js";
import { type StartedWorker, startWorker, type WorkerStart } from "./start-worker.js";
import { WorkerError } from "./worker-error.js";

/** How long a worker's module may take to call serveDataset, in ms. */
const START_LIMIT = 60_000;

/** What `load` gives after the last batch of an IterableDataset. */
export const NO_MORE: unique symbol = Symbol("no more");

interface Waiting {
  readonly item: Task["item"];
  readonly device: Device | undefined;
  resolve(batch: unknown): void;
  reject(error: unknown): void;
}

const doing = (item: Task["item"]): string =>
  item === null ? "on its next batch" : typeof item === "number" ? `at sample ${item}` : `on the samples ${show(item)}`;

/** One of a loader's workers, as the loader sees it. */
export class LoaderWorker {
  readonly id: number;
  /** Rejects where the worker cannot begin. */
  readonly ready: Promise<Ready>;
  readonly #worker: StartedWorker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #lock: string | null;
  #settle: { resolve(ready: Ready): void; reject(error: unknown): void } | null = null;
  #failure: WorkerError | null = null;
  #stopped = false;
  #unlock: (() => void) | null = null;
  #tasks = 0;

  constructor(from: WorkerStart, opening: Omit<Opening, "downhill" | "lock">, transfer: ArrayBuffer[]) {
    this.id = opening.id;
    this.ready = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    this.ready.catch(() => undefined); // whoever waits for it hears of it
    this.#worker = startWorker(from, {
      message: (data) => {
        if (isOurs(data)) this.#hear(data as FromWorker);
      },
      failed: (why, cause) => this.#fail(why, cause),
    });
    this.#lock = this.#worker.tellsEnd ? null : lockName();
    const limit = setTimeout(
      () => this.#fail(`has not called serveDataset within ${START_LIMIT / 1000} s: does its module call it?`),
      START_LIMIT,
    );
    this.#hello = () => {
      clearTimeout(limit);
      this.#worker.post({ downhill: "open", ...opening, lock: this.#lock } satisfies Opening, transfer);
    };
    this.ready.then(
      () => this.#hold(),
      () => clearTimeout(limit),
    );
  }

  readonly #hello: () => void;

  /** How many tasks it has not answered. */
  get pending(): number {
    return this.#waiting.size;
  }

  /** Whether it can go on. */
  get isAlive(): boolean {
    return !this.#stopped && this.#failure === null;
  }

  /** Loads a batch, whose tensors go to `device`. */
  load(task: Omit<Task, "downhill" | "task">, device: Device | undefined): Promise<unknown> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    const number = this.#tasks++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { item: task.item, device, resolve, reject });
      this.#hold();
      this.#worker.post({ downhill: "load", task: number, ...task } satisfies Task, []);
    });
  }

  /** A pass has ended: its stream of an IterableDataset is let go. */
  endPass(pass: number): void {
    if (this.isAlive) this.#worker.post({ downhill: "end", pass }, []);
  }

  stop(): void {
    this.#fail("was stopped");
  }

  /** The process goes on as long as something is waited for. */
  #hold(): void {
    this.#worker.hold(this.#waiting.size > 0);
  }

  /** From now on its end is noticed, which a page is not told of. */
  #watch(locked: boolean): void {
    if (this.#lock !== null && locked && this.isAlive) {
      this.#unlock = onEndOfLife(this.#lock, () => this.#fail("has ended"));
    }
  }

  #hear(message: FromWorker): void {
    if (message.downhill === "hello") return this.#hello();
    if (message.downhill === "opened") return this.#watch(message.locked);
    if (message.downhill === "ready") return this.#settle?.resolve(message);
    if (message.downhill === "failed" && message.task === null) {
      return this.#fail(WorkerError.of(this.id, "to begin", message));
    }
    const waiting = this.#waiting.get(message.task!);
    this.#waiting.delete(message.task!);
    this.#hold();
    if (waiting === undefined) return;
    if (message.downhill === "failed") return waiting.reject(WorkerError.of(this.id, doing(waiting.item), message));
    if (message.batch === undefined) return waiting.resolve(NO_MORE);
    try {
      const { device } = waiting;
      waiting.resolve(fromTransferable(message.batch.message, device === undefined ? {} : { device }));
    } catch (error) {
      waiting.reject(error);
    }
  }

  #fail(why: string | WorkerError, cause?: unknown): void {
    if (!this.isAlive) return;
    const of = (doing: string): WorkerError =>
      typeof why === "string" ? new WorkerError(this.id, `${why}${doing}`, { cause }) : why;
    this.#failure = of("");
    this.#stopped = true;
    this.#unlock?.();
    this.#settle?.reject(of(" before it was ready"));
    for (const waiting of this.#waiting.values()) waiting.reject(of(`, ${doing(waiting.item)}`));
    this.#waiting.clear();
    this.#worker.stop();
  }
}
