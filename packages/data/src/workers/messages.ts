/** What a DataLoader and its workers tell each other. Each message has the key `downhill`, so that others are let pass. */

/** The worker's module has called serveDataset. */
export interface Hello {
  readonly downhill: "hello";
}

/** The first message to a worker. */
export interface Opening {
  readonly downhill: "open";
  readonly id: number;
  readonly numWorkers: number;
  /** The message of what `workerData` is. */
  readonly data: unknown;
  readonly batchSize: number | null;
  /** Whether items are arrays of indices. */
  readonly batched: boolean;
  readonly dropLast: boolean;
  /** A name of a lock that the worker holds as long as it lives: a page is not told of its end otherwise. */
  readonly lock: string | null;
}

/** The worker makes its dataset now; whether it holds the lock. */
export interface Opened {
  readonly downhill: "opened";
  readonly locked: boolean;
}

export interface Ready {
  readonly downhill: "ready";
  readonly length: number | null;
  readonly iterable: boolean;
}

/** Asks for a batch. */
export interface Task {
  readonly downhill: "load";
  readonly task: number;
  /** The pass, which has a stream of an IterableDataset of its own, and its seed. */
  readonly pass: number;
  readonly seed: number;
  /** The batch's number in the pass. */
  readonly number: number;
  /** The index or the indices; null for the next batch of an IterableDataset, after `skip` others. */
  readonly item: number | readonly number[] | null;
  readonly skip: number;
}

/** The pass has ended, and so have its streams. */
export interface PassEnd {
  readonly downhill: "end";
  readonly pass: number;
}

/** A batch; `batch` is its message, undefined after the last of an IterableDataset. */
export interface Delivery {
  readonly downhill: "loaded";
  readonly task: number;
  readonly batch?: { readonly message: unknown };
}

/** An error; `task` is null where the worker could not begin. */
export interface Failure {
  readonly downhill: "failed";
  readonly task: number | null;
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** The sample's. */
  readonly index: number | undefined;
}

export type ToWorker = Opening | Task | PassEnd;
export type FromWorker = Hello | Opened | Ready | Delivery | Failure;

/** Whether a message is one of these. */
export const isOurs = (message: unknown): message is ToWorker | FromWorker =>
  typeof message === "object" && message !== null && "downhill" in message;

/** Set while a worker is started in Node, which copies it there: so its module knows whose worker it is. */
export const environmentKey = "downhill:loader";
