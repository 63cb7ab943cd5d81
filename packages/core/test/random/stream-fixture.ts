import { readFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import { expect } from "vitest";
import type { TypedArray } from "../../src/dtype.js";

/** A draw and what it gave. Long results come as their first and last three and a checksum; tools/reference/random_streams.py says which. */
export interface Step {
  readonly op: string;
  readonly args: readonly unknown[];
  readonly count: number;
  readonly values?: readonly (number | string)[];
  readonly ends?: readonly (number | string)[];
  readonly crc?: number;
  /** Where the stream stands afterwards: its place in the block of 624, and the normal that waits. */
  readonly next: number;
  readonly waiting: number | null;
}

/** Reads a file of fixtures/random; the caller says what it holds. */
export function readFixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../fixtures/random/${name}.json`, import.meta.url), "utf8"));
}

export function checksum(array: TypedArray | BigInt64Array | Uint32Array): number {
  return crc32(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
}

/**
 * Expects what a step drew. `scale` is given where float64 results depend on the C library in the last bit: then they may
 * differ by two units in the last place of numbers of that size, and the checksum is that of the values in float32.
 */
export function expectDrawn(out: TypedArray | BigInt64Array, step: Step, scale?: number): void {
  const drawn = Array.from<number | bigint>(out).map(Number);
  const { ends } = step;
  const actual = ends === undefined ? drawn : [...drawn.slice(0, 3), ...drawn.slice(-3)];
  const expected = (ends ?? step.values ?? []).map(Number);
  if (scale === undefined) {
    expect(actual).toEqual(expected);
    if (step.crc !== undefined) expect(checksum(out)).toBe(step.crc);
  } else {
    expect(actual).toHaveLength(expected.length);
    actual.forEach((value, i) => expectNear(value, expected[i]!, scale));
    if (step.crc !== undefined) expect(checksum(Float32Array.from(drawn))).toBe(step.crc);
  }
}

/** Expects a float64 to within two units in the last place of numbers of size `scale`. */
export function expectNear(actual: number, expected: number, scale: number): void {
  expect(Math.abs(actual - expected), `${String(actual)} for ${String(expected)}`).toBeLessThanOrEqual(
    scale * 2 ** -51,
  );
}
