import { checkOptions } from "@downhill/core/engine";
import { checkNumber, type Labelled, labelledPoints, type NoisyOptions } from "./labelled-points.js";

/** The options of `synthetic.circles`. */
export interface CirclesOptions extends NoisyOptions {
  /** Radius of the inner circle, class 1; the outer one's is 1. Default: 0.5. */
  readonly factor?: number;
}

/**
 * Makes a circle within a circle; point i is of class i mod 2. Same form as sklearn.datasets.make_circles. Default noise: 0.05.
 *
 * @example
 * const dataset = synthetic.circles(200, { factor: 0.4 });
 */
export function circles(n: number, options: CirclesOptions = {}): Labelled {
  checkOptions("circles", options, ["factor", "noise", "generator"]);
  const { factor = 0.5, noise = 0.05, ...rest } = options;
  checkNumber("circles", "factor", factor, 0);
  return labelledPoints("circles", n, { ...rest, noise }, (i, uniform) => {
    const angle = 2 * Math.PI * uniform();
    const radius = i % 2 === 0 ? 1 : factor;
    return [radius * Math.cos(angle), radius * Math.sin(angle), i % 2];
  });
}
