import { numberText } from "../../figure/drawing/number-text.js";
import type { FigureDefinition } from "../../figure/figure-definition.js";
import { heightsOver } from "./heights.js";
import { names, type View } from "./lane.js";
import type { Settings as Experiment, State } from "./race.experiment.js";
import experiment from "./race.experiment.ts?raw";
import code from "./race.pytorch.py?raw";
import output from "./race.pytorch.txt?raw";
import { standings } from "./standings.js";
import { follow } from "./follow.js";
import { tell } from "./telling.js";
import { WalkersMap } from "./walkers-map.js";

export interface Settings extends Experiment, View {}

const percent = (share: number): string => `${numberText(Number((100 * share).toPrecision(3)))} %`;

export const race: FigureDefinition<State, Settings> = {
  name: "race",
  title: "Six walkers in a narrow valley",
  experiment,
  pytorch: { code, output },
  controls: {
    rate: {
      kind: "slider",
      label: "Rate: SGD to Nesterov",
      start: 0.01,
      min: 0.001,
      max: 0.03,
      step: 0.0005,
      marks: ({ edges }) => Object.entries(edges).map(([name, value]) => ({ value, label: `edge of ${name}` })),
    },
    momentum: { kind: "slider", label: "Momentum", start: 0.9, min: 0, max: 0.98, step: 0.01 },
    stride: { kind: "slider", label: "Rate: RMSprop to AdamW", start: 0.1, min: 0.005, max: 0.3, step: 0.005 },
    decay: { kind: "slider", label: "AdamW’s weight decay", start: 0.01, min: 0, max: 0.3, step: 0.01 },
    turn: { kind: "slider", label: "Turn of the valley, in degrees", start: 0, min: 0, max: 90, step: 5 },
    noise: { kind: "slider", label: "Noise in the slopes", start: 0, min: 0, max: 10, step: 0.5 },
    schedule: {
      kind: "choice",
      label: "Schedule",
      start: "constant",
      options: {
        constant: "constant",
        steps: "a fifth every 60 steps",
        cosine: "cosine",
        warmup: "warm-up, then cosine",
      },
    },
    follow,
    start: { kind: "place", start: [-2, 1] },
    seed: { kind: "seed", start: 0, clears: ["start"] },
  },
  panels: [
    { title: "Map", Drawing: WalkersMap },
    { title: "Heights", Drawing: heightsOver(200, 1e4) },
    {
      title: "Standings",
      Drawing: standings<State>(({ share }) => (share === 1 ? "" : `Rates: ${percent(share)} of what is set`)),
    },
  ],
  columns: [
    ...names.map((name) => ({
      name: `height of ${name}`,
      value: ({ walkers }: State) => walkers[name]?.height ?? NaN,
    })),
    { name: "share of the rate", value: ({ share }) => share },
  ],
  limit: 200,
  pace: 20,
  pictureAt: 60,
  describe({ states, at, settings }) {
    const { share } = states[at]!;
    const rates = share === 1 ? "" : ` The schedule leaves ${percent(share)} of each rate.`;
    return tell(states, at, settings) + rates;
  },
};
