import { numberText } from "../../figure/drawing/number-text.js";
import type { FigureDefinition } from "../../figure/figure-definition.js";
import { Distances } from "./distances.js";
import type { Settings, State } from "./edge.experiment.js";
import experiment from "./edge.experiment.ts?raw";
import code from "./edge.pytorch.py?raw";
import output from "./edge.pytorch.txt?raw";
import { Factors } from "./factors.js";
import { Valley } from "./valley.js";

export const edge: FigureDefinition<State, Settings> = {
  name: "edge",
  title: "Where the edge comes from",
  experiment,
  pytorch: { code, output },
  controls: {
    rate: {
      kind: "slider",
      label: "Learning rate",
      start: 0.028,
      min: 0.0001,
      max: 0.04,
      step: 0.0001,
      marks: ({ edge }) => [{ value: edge, label: "edge" }],
    },
    seed: { kind: "seed", start: 0 },
  },
  panels: [
    { title: "Valley", Drawing: Valley },
    { title: "Factors", Drawing: Factors },
    { title: "Distances", Drawing: Distances },
  ],
  columns: [
    { name: "away, flat", value: ({ away }) => away[0] },
    { name: "away, steep", value: ({ away }) => away[1] },
    { name: "factor, flat", value: ({ factors }) => factors[0] },
    { name: "factor, steep", value: ({ factors }) => factors[1] },
    { name: "loss above the least", value: ({ excess }) => excess },
  ],
  pace: 10,
  pictureAt: 20,
  describe({ states, at }) {
    const { away, factors, curvatures, condition, edge } = states[at]!;
    const [flat, steep] = away.map((distance) => numberText(Math.abs(distance)));
    const [byFlat, bySteep] = factors.map(numberText);
    const sizes = curvatures.map(numberText);
    return `The curvature is ${sizes[1]} along the steep axis and ${sizes[0]} along the flat one: a condition number of ${numberText(condition)}, and an edge at ${numberText(edge)}. The walker is ${steep} away along the steep axis, times ${bySteep} with each step, and ${flat} along the flat one, times ${byFlat}.`;
  },
};
