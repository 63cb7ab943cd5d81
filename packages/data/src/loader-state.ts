import { Generator, ValueError } from "@downhill/core";
import { show } from "@downhill/core/engine";

/** Where a DataLoader stands. */
export interface LoaderState {
  /** How many batches the pass has given; null between passes. Of an IterableDataset in workers: in turns, one of each. */
  readonly position: number | null;
  /** Numbers of batches beyond these that it has given too, where workers do not keep the order. */
  readonly early: readonly number[];
  /** States of the generators when the pass began, the default one's first; empty between passes. */
  readonly start: readonly Uint8Array[];
  /** States of the loader's and its samplers' own generators now. */
  readonly generators: readonly Uint8Array[];
  /** What tells a state of other data or options. */
  readonly length: number | null;
  readonly batchSize: number | null;
  /** How many streams an IterableDataset's samples come in: one, or one of each worker. */
  readonly streams: number;
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
  for (const name of ["length", "batchSize", "streams"] as const) {
    if (given[name] === own[name]) continue;
    throw new ValueError(
      `${where}: ${name} is ${show(given[name])}, here it is ${show(own[name])}`,
      "a pass goes on with the data and the options that it began with",
    );
  }
  const { position, early, start, generators } = given;
  const isPlace = (place: unknown): boolean => Number.isSafeInteger(place) && (place as number) >= 0;
  if (!Array.isArray(early) || !early.every((place) => isPlace(place) && position !== null && place > position!))
    throw new ValueError(`${where}: early must be numbers of batches beyond position, got ${show(early)}`);
  if (position !== null && !isPlace(position))
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
