import { checkOptions } from "@downhill/core/engine";
import { type Labelled, labelledPoints, type NoisyOptions } from "./labelled-points.js";

/**
 * Makes points of the square [-1, 1]²: class 1 where the signs of their coordinates differ, class 0 where they agree. Default
 * noise: 0.
 *
 * @example
 * const dataset = synthetic.xor(200);
 */
export function xor(n: number, options: NoisyOptions = {}): Labelled {
  checkOptions("xor", options, ["noise", "generator"]);
  return labelledPoints("xor", n, { noise: 0, ...options }, (_, uniform) => {
    const [x, y] = [2 * uniform() - 1, 2 * uniform() - 1];
    return [x, y, x < 0 === y < 0 ? 0 : 1];
  });
}
