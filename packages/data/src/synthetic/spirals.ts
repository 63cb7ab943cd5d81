import { checkCount, checkOptions } from "@downhill/core/engine";
import { checkNumber, type Labelled, labelledPoints, type NoisyOptions } from "./labelled-points.js";

/** The options of `synthetic.spirals`. */
export interface SpiralsOptions extends NoisyOptions {
  /** How many arms, each a class. Default: 2. */
  readonly classes?: number;
  /** How often an arm goes around. Default: 1. */
  readonly turns?: number;
}

/**
 * Makes spiral arms around the origin: radius r in [0, 1], angle 2π (turns · r + class / classes); point i is of class
 * i mod `classes`. A linear model is helpless, a small network is not. Default noise: 0.02.
 *
 * @example
 * const dataset = synthetic.spirals(300, { classes: 3 });
 */
export function spirals(n: number, options: SpiralsOptions = {}): Labelled {
  checkOptions("spirals", options, ["classes", "turns", "noise", "generator"]);
  const { classes = 2, turns = 1, noise = 0.02, ...rest } = options;
  checkCount("spirals", "classes", classes, 1);
  checkNumber("spirals", "turns", turns);
  return labelledPoints("spirals", n, { ...rest, noise }, (i, uniform) => {
    const label = i % classes;
    const r = uniform();
    const angle = 2 * Math.PI * (turns * r + label / classes);
    return [r * Math.cos(angle), r * Math.sin(angle), label];
  });
}
