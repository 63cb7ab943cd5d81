import { numberText } from "../../figure/drawing/number-text.js";
import type { FigureDefinition } from "../../figure/figure-definition.js";
import { Angles } from "./angles.js";
import { Cloud } from "./cloud.js";
import type { Settings, State } from "./noise.experiment.js";
import experiment from "./noise.experiment.ts?raw";
import code from "./noise.pytorch.py?raw";
import output from "./noise.pytorch.txt?raw";
import { Spread } from "./spread.js";

export const noise: FigureDefinition<State, Settings> = {
  name: "noise",
  title: "The noise lab",
  experiment,
  pytorch: { code, output },
  controls: {
    batchSize: { kind: "slider", label: "Batch size", start: 10, min: 1, max: 100, step: 1 },
    walked: {
      kind: "choice",
      label: "Where",
      start: "10",
      options: {
        "0": "at the start",
        "3": "3 full-batch updates on",
        "10": "10 full-batch updates on",
        "100": "100 full-batch updates on",
        "1000": "1000 full-batch updates on",
      },
    },
    replacement: { kind: "switch", label: "A sample may come twice in a batch", start: false },
    seed: { kind: "seed", start: 0 },
  },
  panels: [
    { title: "Cloud", Drawing: Cloud },
    { title: "Angles", Drawing: Angles },
    { title: "Spread", Drawing: Spread },
  ],
  columns: [
    { name: "slope along w", value: ({ gradient }) => gradient?.[0] ?? "" },
    { name: "slope along b", value: ({ gradient }) => gradient?.[1] ?? "" },
    { name: "full slope along w", value: ({ full }) => full[0] },
    { name: "full slope along b", value: ({ full }) => full[1] },
    { name: "angle", value: ({ angle }) => angle },
    { name: "mean squared distance", value: (state) => strayOf(state).measured },
    { name: "over all batches", value: (state) => strayOf(state).expected },
  ],
  limit: 400,
  pace: 30,
  pictureAt: 200,
  describe({ states, at }) {
    const { full, gradient, angle, batchSize } = states[at]!;
    const steep = `The full gradient is ${numberText(Math.hypot(...full))} long`;
    const { measured, expected } = strayOf(states[at]!);
    if (gradient === null)
      return `${steep}. Batches of ${batchSize} stray from it by ${numberText(Math.sqrt(expected))} (root of the mean square). None has been drawn yet.`;
    const stray = `The squared distance is ${numberText(measured)} on average so far; over all possible batches it is ${numberText(expected)}.`;
    const uphill = states.slice(1, at + 1).filter(({ angle }) => angle > 90).length;
    return `${steep}; batch ${at} points ${numberText(angle)}° away from it. Uphill so far: ${uphill} of ${at}. ${stray}`;
  },
};

/** What is measured and expected for the batch size of the setting. */
function strayOf({ batchSize, sizes, measured, expected }: State): { measured: number; expected: number } {
  const i = sizes.indexOf(batchSize);
  return { measured: measured[i]!, expected: expected[i]! };
}
