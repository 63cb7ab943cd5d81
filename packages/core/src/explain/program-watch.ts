import type { Executable } from "../backend/backend.js";
import { deviceNames, getDevice } from "../backend/device.js";
import { originOf } from "../program/cache.js";
import { runWatch, type RunWatch, watchRuns } from "../program/run-watch.js";
import { type ExplainedProgram, explainProgram, type Runs } from "./explanation.js";

/**
 * Counts the runs of each Program from now on, until `end`: what `explain` stands on, for those who look while code
 * still runs.
 *
 * @example
 * import { ProgramWatch } from "@downhill/core/engine";
 * const watch = new ProgramWatch();
 * await ones([3]).mul(2).sum().item();
 * watch.end();
 * console.log(watch.programs().length); // 1
 */
export class ProgramWatch {
  readonly #runs = new Map<Executable, Runs>();
  readonly #compiledBefore = new Map(deviceNames().map((name) => [getDevice(name), getDevice(name).programs.compiled]));
  readonly #outer: RunWatch | null = runWatch;
  readonly #own: RunWatch;
  #ended = false;

  /** @param onRun Called at each run, before it is done. */
  constructor(onRun?: () => void) {
    this.#own = (device, executable, replayed) => {
      this.#outer?.(device, executable, replayed);
      if (this.#ended) return;
      let runs = this.#runs.get(executable);
      if (runs === undefined) {
        const isNew = originOf(executable).serial >= (this.#compiledBefore.get(device) ?? 0);
        this.#runs.set(executable, (runs = { device, isNew, runs: 0, replays: 0 }));
      }
      runs.runs++;
      if (replayed) runs.replays++;
      onRun?.();
    };
    watchRuns(this.#own);
  }

  /** Stops watching. */
  end(): void {
    this.#ended = true;
    // One that began later goes on, and tells this one, which does not listen any more.
    if (runWatch === this.#own) watchRuns(this.#outer);
  }

  /** How often each Program ran, in the order they ran first: cheap enough to ask for in a loop. */
  counts(): number[] {
    return Array.from(this.#runs.values(), ({ runs }) => runs);
  }

  /** All about the Programs that ran, in the order they ran first. */
  programs(): ExplainedProgram[] {
    return [...this.#runs].map(([executable, runs]) => explainProgram(executable, runs));
  }
}
