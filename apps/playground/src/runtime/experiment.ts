import type { Exports } from "./evaluate.js";
import type { States } from "./message.js";

export interface OpenExperiment {
  next(count: number): Promise<States>;
}

/**
 * Starts the experiment of a module that exports `async function* experiment(settings)`.
 *
 * @throws TypeError where the module exports none.
 */
export function experimentOf(exports: Exports, settings: unknown): OpenExperiment {
  const { experiment } = exports;
  if (typeof experiment !== "function") {
    throw new TypeError(
      "the module exports no experiment\n  hint: export async function* experiment(settings) { … yield state; }",
    );
  }
  const states = (experiment as (settings: unknown) => unknown)(settings);
  if (typeof states !== "object" || states === null || !("next" in states)) {
    throw new TypeError(
      "experiment yields no states\n  hint: it must be a generator: async function* experiment(settings)",
    );
  }
  const iterator = states as AsyncIterator<unknown> | Iterator<unknown>;
  return {
    async next(count) {
      const taken: unknown[] = [];
      while (taken.length < count) {
        const turn: IteratorResult<unknown> = await iterator.next();
        if (turn.done === true) return { states: taken, done: true };
        // A copy of now: the experiment may go on changing what it yielded.
        taken.push(copy(turn.value));
      }
      return { states: taken, done: false };
    },
  };
}

function copy(state: unknown): unknown {
  try {
    return structuredClone(state);
  } catch (error) {
    throw new TypeError(
      `a state cannot be sent to the page: ${error instanceof Error ? error.message : String(error)}\n` +
        "  hint: yield plain data; of a tensor await t.tolist() or await t.item()",
      { cause: error },
    );
  }
}
