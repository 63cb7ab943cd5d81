import type { Result } from "./race.ts";

/** The contestants whose numbers are not, within a relative tolerance, those of the first that may be compared. */
export function disagreements(results: readonly Result[], tolerance: number): string[] {
  const comparable = results.flatMap((result) => ("why" in result || result.differs !== undefined ? [] : [result]));
  const [first, ...others] = comparable;
  if (first === undefined) return [];
  return others.filter(({ numbers }) => !agree(numbers, first.numbers, tolerance)).map(({ contestant }) => contestant);
}

function agree(a: readonly number[], b: readonly number[], tolerance: number): boolean {
  if (a.length !== b.length) return false;
  const scale = Math.max(...b.map(Math.abs));
  // Not `>`: a NaN on either side must not pass.
  return a.every((value, i) => Math.abs(value - b[i]!) <= tolerance * scale);
}
