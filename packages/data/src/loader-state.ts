import { Generator, ValueError } from "@downhill/core";
import { show } from "@downhill/core/engine";

/** Where a DataLoader stands. */
export interface LoaderState {
  /** How many batches the pass has given; null between passes. */
  readonly position: number | null;
  /** States of the generators when the pass began, the default one's first; empty between passes. */
  readonly start: readonly Uint8Array[];
  /** States of the loader's and its samplers' own generators now. */
  readonly generators: readonly Uint8Array[];
  /** What tells a state of other data or options. */
  readonly length: number | null;
  readonly batchSize: number | null;
}

const where = "DataLoader.loadStateDict";

/** Checks a state for a loader that now has the state `own`, and `streams` generators of its own. */
export function checkLoaderState(state: unknown, own: LoaderState, streams: number): asserts state is LoaderState {
  const names = Object.keys(own).sort().join(", ");
  const given = typeof state === "object" && state !== null ? (state as Record<string, unknown>) : {};
  const found = Object.keys(given).sort().join(", ");
  if (found !== names) {
    throw new ValueError(`${where}: expects ${names}, got ${found || show(state)}`, "pass what stateDict() returned");
  }
  for (const name of ["length", "batchSize"] as const) {
    if (given[name] === own[name]) continue;
    throw new ValueError(
      `${where}: ${name} is ${show(given[name])}, here it is ${show(own[name])}`,
      "a pass goes on with the data and the options that it began with",
    );
  }
  const { position, start, generators } = given;
  if (position !== null && !(Number.isSafeInteger(position) && (position as number) >= 0))
    throw new ValueError(`${where}: position must be null or an integer of 0 or more, got ${show(position)}`);
  checkStates("generators", generators, streams);
  checkStates("start", start, position === null ? 0 : streams + 1);
}

function checkStates(name: string, states: unknown, count: number): void {
  if (!Array.isArray(states) || states.length !== count) {
    throw new ValueError(
      `${where}: ${name} should have the states of ${count} generators, got ${show(states)}`,
      "give the loader and its sampler the generators that they had",
    );
  }
  for (const state of states) new Generator(0).setState(state as Uint8Array);
}
