import { Connection } from "./connection.js";
import type { RunEvent } from "./event.js";
import { ProgramError } from "./fault.js";
import type { DeviceName, States } from "./message.js";

export interface ExperimentOptions {
  /** Default: `cpu`. */
  readonly device?: DeviceName;
  /** Hears what the experiment logs. */
  readonly onEvents?: (events: readonly RunEvent[]) => void;
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
  /** Ends the experiment and its worker, at once. */
  close(): void;
}

/**
 * Evaluates a module that exports `async function* experiment(settings)` in a worker, and starts it. The module is run
 * once; for a new start, open it again.
 *
 * @throws ProgramError with the line where the module fails.
 */
export async function openExperiment<State>(
  text: string,
  settings: unknown,
  { device = "cpu", onEvents }: ExperimentOptions = {},
): Promise<Experiment<State>> {
  let rejected: ((error: Error) => void) | undefined;
  const connection = new Connection({
    ...(onEvents === undefined ? {} : { onEvents }),
    onAstray: (fault) => rejected?.(new ProgramError(fault)),
  });
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
    close: () => connection.stop(),
  };
}
