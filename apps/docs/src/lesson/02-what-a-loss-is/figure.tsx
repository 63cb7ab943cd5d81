import { numberText } from "../../figure/drawing/number-text.js";
import type { FigureDefinition } from "../../figure/figure-definition.js";
import type { Settings, State } from "./experiment.js";
import experiment from "./experiment.ts?raw";
import { LineAndData } from "./line-and-data.js";
import { LossMap } from "./loss-map.js";
import { Losses } from "./losses.js";
import code from "./pytorch.py?raw";
import output from "./pytorch.txt?raw";

export const loss: FigureDefinition<State, Settings> = {
  name: "loss",
  title: "How wrong is this line?",
  experiment,
  pytorch: { code, output },
  controls: {
    w: { kind: "slider", label: "Weight w", start: 1, min: -1, max: 5, step: 0.05 },
    b: { kind: "slider", label: "Bias b", start: 5, min: -7, max: 13, step: 0.1 },
    points: { kind: "places", start: null },
    seed: { kind: "seed", start: 0, clears: ["points"] },
  },
  panels: [
    { title: "Line and data", Drawing: LineAndData },
    { title: "Losses", Drawing: Losses },
    { title: "Every line's loss", Drawing: LossMap },
  ],
  columns: [
    { name: "x", value: ({ seen, points }) => (seen === 0 ? "" : points[seen - 1]![0]) },
    { name: "y", value: ({ seen, points }) => (seen === 0 ? "" : points[seen - 1]![1]) },
    { name: "the line says", value: ({ seen, predictions }) => (seen === 0 ? "" : predictions[seen - 1]!) },
    { name: "residual", value: ({ seen, residuals }) => (seen === 0 ? "" : residuals[seen - 1]!) },
    { name: "loss", value: ({ seen, losses }) => (seen === 0 ? "" : losses[seen - 1]!) },
    { name: "average so far", value: ({ average }) => average },
  ],
  pace: 3,
  pictureAt: 8,
  describe({ states, at }) {
    const { seen, points, predictions, residuals, losses, average } = states[at]!;
    if (seen === 0) return `${points.length} examples and a line. No example has been counted yet.`;
    const [x, y] = points[seen - 1]!.map(numberText);
    const values = [predictions, residuals, losses].map((list) => numberText(list[seen - 1]!));
    const [says, off, cost] = values;
    const whole = seen === points.length ? "That is all of them: this average is the loss." : "";
    return `Example ${seen}: at x = ${x} the line says ${says} where y = ${y}, so it is off by ${off} and costs ${cost}. The average of ${seen} is ${numberText(average)}. ${whole}`;
  },
};
