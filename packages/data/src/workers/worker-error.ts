import { DownhillError } from "@downhill/core";
import type { Failure } from "./messages.js";

/**
 * A worker of a DataLoader has failed, or has died. Where its code threw, `cause` is that error with the worker's own stack.
 */
export class WorkerError extends DownhillError {
  override name = "WorkerError";
  /** The worker's number. */
  readonly worker: number;
  /** The index of the sample that could not be loaded, where one is to blame. */
  readonly index: number | undefined;

  constructor(
    worker: number,
    problem: string,
    options: { index?: number | undefined; cause?: unknown; hint?: string },
  ) {
    super(`DataLoader: worker ${worker} ${problem}`, options.hint);
    this.worker = worker;
    this.index = options.index;
    if (options.cause !== undefined) this.cause = options.cause;
  }

  /** Of an error that came back from the worker. */
  static of(worker: number, doing: string, { name, message, stack, index }: Failure): WorkerError {
    const cause = new Error(message);
    cause.name = name;
    cause.stack = stack ?? `${name}: ${message}`;
    const at = index === undefined ? doing : `at sample ${index}`;
    return new WorkerError(worker, `failed ${at}: ${name}: ${message}`, { index, cause });
  }
}
