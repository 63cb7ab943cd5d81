import type { Dataset } from "../dataset.js";
import type { IterableDataset } from "../iterable-dataset.js";

/** Which of a loader's workers runs this code. */
export interface WorkerInfo {
  /** From 0 to numWorkers - 1. */
  readonly id: number;
  readonly numWorkers: number;
  /** What the worker serves, once it is made. */
  readonly dataset?: Dataset<unknown> | IterableDataset<unknown>;
}

let info: WorkerInfo | null = null;

/**
 * Tells which of a DataLoader's workers runs this code; null outside of them. An IterableDataset gives its part of the
 * samples by it. Same as torch.utils.data.get_worker_info.
 *
 * @example
 * const lines = new IterableDataset(function* () {
 *   const { id, numWorkers } = getWorkerInfo() ?? { id: 0, numWorkers: 1 };
 *   for (let line = id; line < 100; line += numWorkers) yield line;
 * });
 * [...lines].length; // 100
 */
export function getWorkerInfo(): WorkerInfo | null {
  return info;
}

export function setWorkerInfo(own: WorkerInfo): void {
  info = own;
}
