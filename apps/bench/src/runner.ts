import type { GpuWorkName, WorkName } from "./work/names.ts";

/** One work of one contestant, ready to be done. */
export interface Runner {
  /** Does the work that many times and is done when the last is; gives the seconds itself where the clock shall not. */
  run(steps: number): void | number | Promise<void | number>;
  /** Gives what all contestants must agree on (the losses of its first steps, say). Called once: first, or last if cold. */
  check(): Promise<readonly number[]>;
  /** Why its numbers are not those of the others, where that is the library's doing. */
  readonly differs?: string;
}

export type Open = () => Promise<Runner>;

/** How a contestant does each work, or why it cannot. Importing is the same for all. */
export type Works = Readonly<
  Record<Exclude<WorkName, "import" | GpuWorkName>, Open | string> & Partial<Record<GpuWorkName, Open>>
>;

/** Reads a loss. */
type Read = () => number | Promise<number>;

/**
 * Trains with a step that gives its loss: `check` reads the first few, a turn ends once its last loss is read. With
 * `readEvery` it waits for others too.
 */
export function trainer(step: () => Read | Promise<Read>, checks: number = 3, readEvery: number = Infinity): Runner {
  return {
    async run(steps) {
      for (let k = 1; k < steps; k++) {
        const done = step();
        const read = done instanceof Promise ? await done : done;
        if (k % readEvery === 0) await read();
      }
      await (
        await step()
      )();
    },
    async check() {
      const losses: number[] = [];
      for (let k = 0; k < checks; k++) losses.push(await (await step())());
      return losses;
    },
  };
}

/**
 * Times what is new about a function: the dearest of its first runs less the cheapest, in whichever of them a library
 * compiles.
 */
export function dearest(
  before: () => void | Promise<void>,
  fn: () => void | Promise<void>,
  check: () => Promise<readonly number[]>,
): Runner {
  return {
    async run() {
      await before();
      const times: number[] = [];
      for (let k = 0; k < 10; k++) {
        const start = performance.now();
        await fn();
        times.push(performance.now() - start);
      }
      return (Math.max(...times) - Math.min(...times)) / 1000;
    },
    check,
  };
}
