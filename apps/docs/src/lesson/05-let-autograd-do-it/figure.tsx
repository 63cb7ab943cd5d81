import { numberText } from "../../figure/drawing/number-text.js";
import type { FigureDefinition } from "../../figure/figure-definition.js";
import type { Settings as Experiment, State } from "./experiment.js";
import experiment from "./experiment.ts?raw";
import { Losses } from "./losses.js";
import code from "./pytorch.py?raw";
import output from "./pytorch.txt?raw";
import { RecordedGraph } from "./recorded-graph.js";

export interface Settings extends Experiment {
  readonly views: boolean;
}

export const graph: FigureDefinition<State, Settings> = {
  name: "graph",
  title: "What one step records",
  experiment,
  pytorch: { code, output },
  controls: {
    rate: { kind: "slider", label: "Learning rate", start: 0.01, min: 0.0005, max: 0.02, step: 0.0005 },
    seed: { kind: "seed", start: 0 },
    views: { kind: "switch", label: "Show reshapes", start: false, viewOnly: true },
  },
  panels: [
    { title: "The recorded graph", Drawing: RecordedGraph },
    { title: "Losses", Drawing: Losses },
  ],
  columns: [
    { name: "epoch", value: ({ epoch }) => epoch },
    { name: "sample", value: ({ sample }) => sample },
    { name: "loss", value: ({ loss }) => loss },
    { name: "weight", value: ({ before }) => before[0] },
    { name: "its gradient", value: ({ gradients }) => gradients[0] },
    { name: "after the step", value: ({ after }) => after[0] },
    { name: "bias", value: ({ before }) => before[1] },
    { name: "its gradient ", value: ({ gradients }) => gradients[1] },
    { name: "after the step ", value: ({ after }) => after[1] },
  ],
  limit: 499,
  pace: 30,
  describe({ states, at }) {
    const { epoch, sample, graph, loss, gradients, before, after } = states[at]!;
    const valueOf = (name: string): string => numberText(graph.find((node) => node.name === name)?.value ?? NaN);
    const move = (i: 0 | 1): string => `${numberText(before[i])} to ${numberText(after[i])}`;
    return (
      `Epoch ${epoch}, sample ${sample}: the model says ${valueOf("ŷ")} where y = ${valueOf("y")}, and the loss is ` +
      `${numberText(loss)}. backward() finds the gradients ${numberText(gradients[0])} and ${numberText(gradients[1])}; ` +
      `step() takes the weight from ${move(0)} and the bias from ${move(1)}.`
    );
  },
};
