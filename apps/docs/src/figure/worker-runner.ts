import type { Experiment } from "playground/embed";
import type { Failure, Runner, Session } from "./player.js";

interface Opened<State> {
  readonly text: string;
  readonly experiment: Experiment<State>;
}

/**
 * Runs experiments in the playground's worker, which loads with the first. New settings start the same worker's
 * experiment again; other code, or code that does not come back, gets a new worker.
 */
export class WorkerRunner<State, Settings> implements Runner<State, Settings> {
  #opened: Opened<State> | null = null;
  #abort: AbortController | null = null;

  open(text: string, settings: Settings): Session<State> {
    let begun: Promise<Experiment<State>> | null = null;
    let asked = 0;
    return {
      next: async (count) => {
        asked++;
        try {
          return await (await (begun ??= this.#begin(text, settings))).next(count);
        } finally {
          asked--;
        }
      },
      // Idle, the worker waits for the next settings.
      close: () => void (asked > 0 && this.close()),
    };
  }

  close(): void {
    this.#abort?.abort();
    this.#opened?.experiment.close();
    this.#opened = null;
  }

  async #begin(text: string, settings: Settings): Promise<Experiment<State>> {
    if (this.#opened?.text === text) {
      await this.#opened.experiment.restart(settings);
      return this.#opened.experiment;
    }
    this.close();
    const { signal } = (this.#abort = new AbortController());
    const { openExperiment } = await import("playground/embed");
    const experiment = await openExperiment<State>(text, settings, { signal });
    this.#opened = { text, experiment };
    return experiment;
  }
}

/** What the page says about an error: a fault has the line in the experiment's text. */
export function failureOf(error: unknown): Failure {
  const { fault } = error as { fault?: { name: string; message: string; line?: number } };
  if (fault === undefined) return { message: error instanceof Error ? error.message : String(error) };
  const message = `${fault.name}: ${fault.message}`;
  return fault.line === undefined ? { message } : { message, line: fault.line };
}
