import { show, ValueError } from "../errors.js";

/** A stretch of a dim: `start:stop:step` of Python. Ends may be negative (from the end) or missing. */
export interface Range {
  readonly start?: number | null;
  readonly stop?: number | null;
  readonly step?: number | null;
}

/**
 * Names a stretch of a dim for `at` and `indexPut`: Python's `start:stop:step`. Missing, null and undefined ends are
 * open; negative ones count from the end; ends past the size are cut to it.
 *
 * @throws ValueError for a step below 1 (reverse with `flip`), or for numbers that are no integers.
 *
 * @example
 * x.at(range(1, 3)); // x[1:3]
 * x.at(range(null, -1), range(0, null, 2)); // x[:-1, 0::2]
 * x.at(range(), 0); // x[:, 0]
 */
export function range(start?: number | null, stop?: number | null, step?: number | null): Range {
  const made: Range = { start: start ?? null, stop: stop ?? null, step: step ?? null };
  checkRange("range", made);
  return made;
}

/** @internal Checks the numbers of a range. */
export function checkRange(where: string, given: Range): void {
  for (const name of Object.keys(given)) {
    if (name !== "start" && name !== "stop" && name !== "step") {
      throw new ValueError(
        `${where}: ${show(given)} is no index`,
        "a range is range(start, stop, step), or { start, stop, step }",
      );
    }
  }
  for (const name of ["start", "stop", "step"] as const) {
    const value = given[name] ?? null;
    if (value !== null && !Number.isInteger(value)) {
      throw new ValueError(`${where}: ${name} of a range must be an integer or null, got ${show(value)}`);
    }
  }
  const step = given.step ?? 1;
  if (step < 1) {
    throw new ValueError(
      `${where}: step of a range must be 1 or more, got ${step}`,
      step < 0 ? "reverse with x.flip(dim), then take a range" : undefined,
    );
  }
}

/** @internal Where a range starts in a dim of `size`, and how many elements it takes: Python's clamping. */
export function resolveRange(given: Range, size: number): { start: number; length: number; step: number } {
  const clamp = (end: number): number => Math.min(Math.max(end < 0 ? end + size : end, 0), size);
  const start = clamp(given.start ?? 0);
  const stop = clamp(given.stop ?? size);
  const step = given.step ?? 1;
  return { start, length: Math.max(0, Math.ceil((stop - start) / step)), step };
}
