import { checkCount, checkOptions } from "@downhill/core/engine";
import { type Labelled, labelledPoints, type NoisyOptions } from "./labelled-points.js";

/** The options of `synthetic.checkerboard`. */
export interface CheckerboardOptions extends NoisyOptions {
  /** Squares along a side. Default: 4. */
  readonly cells?: number;
}

/**
 * Makes points of the square [-1, 1]², whose class is the colour of their square on a checkerboard. Default noise: 0.
 *
 * @example
 * const dataset = synthetic.checkerboard(500, { cells: 3 });
 */
export function checkerboard(n: number, options: CheckerboardOptions = {}): Labelled {
  checkOptions("checkerboard", options, ["cells", "noise", "generator"]);
  const { cells = 4, noise = 0, ...rest } = options;
  checkCount("checkerboard", "cells", cells, 1);
  return labelledPoints("checkerboard", n, { ...rest, noise }, (_, uniform) => {
    const [u, v] = [uniform(), uniform()];
    return [2 * u - 1, 2 * v - 1, (Math.floor(cells * u) + Math.floor(cells * v)) % 2];
  });
}
