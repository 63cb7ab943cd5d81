import { checkOptions } from "@downhill/core/engine";
import { type Labelled, labelledPoints, type NoisyOptions } from "./labelled-points.js";

/**
 * Makes two half circles that reach into each other: class 0 is (cos t, sin t), class 1 is (1 - cos t, ½ - sin t), t in
 * [0, π]; point i is of class i mod 2. Same form as sklearn.datasets.make_moons. Default noise: 0.1.
 *
 * @example
 * const [X, y] = synthetic.twoMoons(200, { noise: 0.1 }).tensors; // shapes [200, 2] and [200]
 */
export function twoMoons(n: number, options: NoisyOptions = {}): Labelled {
  checkOptions("twoMoons", options, ["noise", "generator"]);
  return labelledPoints("twoMoons", n, { noise: 0.1, ...options }, (i, uniform) => {
    const t = Math.PI * uniform();
    return i % 2 === 0 ? [Math.cos(t), Math.sin(t), 0] : [1 - Math.cos(t), 0.5 - Math.sin(t), 1];
  });
}
