import { checkCount, show, ValueError } from "@downhill/core/engine";

/** A size, a stride and the like: one number for every spatial dim, or one for each: depth, height, width. */
export type Extent = number | readonly number[];

/** How many spatial dims a layer works on: a line, an image or a volume. */
export type SpatialDims = 1 | 2 | 3;

/** The names of the spatial dims, as errors write them. */
export const spatialNames: Readonly<Record<SpatialDims, string>> = { 1: "L", 2: "H, W", 3: "D, H, W" };

const order: Readonly<Record<SpatialDims, string>> = { 1: "length", 2: "height, width", 3: "depth, height, width" };

/** Checks an extent and gives one number per spatial dim. */
export function checkExtent(where: string, name: string, value: unknown, dims: SpatialDims, least: number): number[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length !== 1 && list.length !== dims) {
    throw new ValueError(
      `${where}: ${name} must be a number${dims === 1 ? "" : ` or ${dims} of them, [${order[dims]}]`}, got ${show(value)}`,
    );
  }
  const numbers = list.map((number) => checkCount(where, name, number, least));
  return numbers.length === dims ? numbers : new Array<number>(dims).fill(numbers[0]!);
}

/** Writes numbers of spatial dims for an error: 3 x 4. */
export const across = (numbers: readonly number[]): string => numbers.join(" x ");
