import { defaultDevice, memoryStats } from "@downhill/core";
import { ProgramWatch } from "@downhill/core/engine";
import type { EngineReport } from "./event.js";

const interval = 500;
const mostPrograms = 12;

/** Reports what the engine does, about twice a second while Programs run, and when asked. Needs no timer. */
export class EngineMeter {
  readonly #report: (engine: EngineReport) => void;
  readonly #watch: ProgramWatch;
  #last = performance.now();
  #counts: readonly number[] = [];

  constructor(report: (engine: EngineReport) => void) {
    this.#report = report;
    this.#watch = new ProgramWatch(() => {
      if (performance.now() - this.#last >= interval) this.measure();
    });
  }

  measure(): void {
    const now = performance.now();
    const counts = this.#watch.counts();
    const most = Math.max(0, ...counts.map((runs, i) => runs - (this.#counts[i] ?? 0)));
    const stepsPerSecond = (1000 * most) / Math.max(now - this.#last, 1);
    this.#last = now;
    this.#counts = counts;
    const programs = this.#watch
      .programs()
      .sort((a, b) => b.runs - a.runs)
      .slice(0, mostPrograms);
    this.#report({ device: defaultDevice().name, memory: memoryStats(), stepsPerSecond, programs });
  }
}
