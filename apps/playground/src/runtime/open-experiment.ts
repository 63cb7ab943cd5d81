import { Connection } from "./connection.js";
import type { RunEvent } from "./event.js";
import { ProgramError } from "./fault.js";
import type { DeviceName, States } from "./message.js";

export interface ExperimentOptions {
  /** Default: `cpu`. */
  readonly device?: DeviceName;
  /** Hears what the experiment logs. */
  readonly onEvents?: (events: readonly RunEvent[]) => void;
  /** Ends the worker, also while the module is still being evaluated. */
  readonly signal?: AbortSignal;
}

/** States of an experiment, in the order it yields them. */
export interface Stretch<State> {
  readonly states: readonly State[];
  /** There are no more. */
  readonly done: boolean;
}

export interface Experiment<State> {
  /**
   * Computes the next states, one by default: copies of what the experiment yields.
   *
   * @throws ProgramError with the line where the experiment failed; Stopped after `close`.
   */
  next(count?: number): Promise<Stretch<State>>;
  /** Starts the experiment again with other settings, in the same worker, without running the module again. */
  restart(settings: unknown): Promise<void>;
  /** Ends the experiment and its worker, at once. */
  close(): void;
}

/**
 * Evaluates a module that exports `async function* experiment(settings)` in a worker, and starts it. The module is run
 * once; `restart` begins its experiment anew.
 *
 * @throws ProgramError with the line where the module fails.
 */
export async function openExperiment<State>(
  text: string,
  settings: unknown,
  { device = "cpu", onEvents, signal }: ExperimentOptions = {},
): Promise<Experiment<State>> {
  let rejected: ((error: Error) => void) | undefined;
  const connection = new Connection({
    ...(onEvents === undefined ? {} : { onEvents }),
    onAstray: (fault) => rejected?.(new ProgramError(fault)),
  });
  signal?.addEventListener("abort", () => connection.stop());
  if (signal?.aborted === true) connection.stop();
  try {
    await connection.ask({ type: "open", text, settings, device });
  } catch (error) {
    connection.stop();
    throw error;
  }
  return {
    next: (count = 1) =>
      new Promise((resolve, reject) => {
        rejected = reject;
        connection.ask({ type: "next", count }).then((value) => resolve(value as States as Stretch<State>), reject);
      }),
    restart: async (settings) => void (await connection.ask({ type: "restart", settings })),
    close: () => connection.stop(),
  };
}
