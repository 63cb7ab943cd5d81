import { numberText } from "../../figure/drawing/number-text.js";
import type { FigureDefinition } from "../../figure/figure-definition.js";
import { DescentMap } from "./descent-map.js";
import type { Settings, State } from "./experiment.js";
import experiment from "./experiment.ts?raw";
import { LossCurve } from "./loss-curve.js";
import { Pulls } from "./pulls.js";
import code from "./pytorch.py?raw";
import output from "./pytorch.txt?raw";

export const average: FigureDefinition<State, Settings> = {
  name: "average",
  title: "A hundred arrows and their mean",
  experiment,
  pytorch: { code, output },
  controls: {
    rate: {
      kind: "slider",
      label: "Learning rate",
      start: 0.01,
      min: 0.0001,
      max: 0.04,
      step: 0.0001,
      marks: ({ edge }) => [{ value: edge, label: "edge" }],
    },
    start: { kind: "place", start: [0, 0] },
    combine: { kind: "choice", label: "Step along the", start: "mean", options: { mean: "mean", sum: "sum" } },
    seed: { kind: "seed", start: 0 },
  },
  panels: [
    { title: "Map", Drawing: DescentMap },
    { title: "Arrows", Drawing: Pulls },
    { title: "Loss", Drawing: LossCurve },
  ],
  columns: [
    { name: "w", value: ({ place }) => place[0] },
    { name: "b", value: ({ place }) => place[1] },
    { name: "average loss", value: ({ loss }) => loss },
    { name: "slope along w", value: ({ gradient }) => gradient[0] },
    { name: "slope along b", value: ({ gradient }) => gradient[1] },
  ],
  limit: 1000,
  pace: 15,
  pictureAt: 1,
  describe({ states, at, settings }) {
    const { place, loss, gradients, gradient, edge } = states[at]!;
    const [w, b] = place.map(numberText);
    if (!(loss < 1e9))
      return `The walk has flown apart: w = ${w}, b = ${b}, and the average loss is ${numberText(loss)}.`;
    const [alongW, alongB] = gradient.map(numberText);
    const [low, high] = [Math.min, Math.max].map((least) => numberText(least(...gradients.map(([slope]) => slope))));
    const over = settings.rate > edge ? ` The rate is above the edge, ${numberText(edge)}: this cannot end well.` : "";
    return `At w = ${w}, b = ${b} the average loss is ${numberText(loss)}. Along w the examples’ slopes reach from ${low} to ${high}; their ${settings.combine} is ${alongW}, and ${alongB} along b.${over}`;
  },
};
