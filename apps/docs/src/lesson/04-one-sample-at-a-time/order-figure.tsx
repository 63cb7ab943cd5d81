import { numberText } from "../../figure/drawing/number-text.js";
import type { FigureDefinition } from "../../figure/figure-definition.js";
import type { Settings, State } from "./order.experiment.js";
import experiment from "./order.experiment.ts?raw";
import code from "./order.pytorch.py?raw";
import output from "./order.pytorch.txt?raw";
import { ThreeLosses } from "./three-losses.js";
import { ThreeWalks } from "./three-walks.js";

export const order: FigureDefinition<State, Settings> = {
  name: "order",
  title: "The same samples in three orders",
  experiment,
  pytorch: { code, output },
  controls: {
    rate: { kind: "slider", label: "Learning rate", start: 0.01, min: 0.0005, max: 0.015, step: 0.0005 },
    seed: { kind: "seed", start: 42 },
  },
  panels: [
    { title: "Walks", Drawing: ThreeWalks },
    { title: "Losses", Drawing: ThreeLosses },
  ],
  columns: [
    { name: "epoch", value: ({ epoch }) => epoch },
    { name: "as drawn: sample", value: ({ drawn }) => drawn.sample },
    { name: "as drawn: average", value: ({ drawn }) => drawn.average },
    { name: "shuffled: sample", value: ({ shuffled }) => shuffled.sample },
    { name: "shuffled: average", value: ({ shuffled }) => shuffled.average },
    { name: "sorted: sample", value: ({ sorted }) => sorted.sample },
    { name: "sorted: average", value: ({ sorted }) => sorted.average },
  ],
  limit: 1000,
  pace: 60,
  pictureAt: 500,
  describe({ states, at }) {
    const { epoch, drawn, shuffled, sorted } = states[at]!;
    const when =
      at > 0 && at % 100 === 0 ? `After ${epoch - 1} ${epoch === 2 ? "epoch" : "epochs"}` : `In epoch ${epoch}`;
    const [inOrder, anew, bySize] = [drawn, shuffled, sorted].map(({ average }) => numberText(average));
    return `${when} the average loss is ${inOrder} for the walker that takes the samples as they were drawn, ${anew} for the one that shuffles them anew, and ${bySize} for the one that takes them sorted by x.`;
  },
};
