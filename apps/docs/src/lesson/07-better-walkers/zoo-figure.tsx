import { numberText } from "../../figure/drawing/number-text.js";
import type { FigureDefinition } from "../../figure/figure-definition.js";
import { follow } from "./follow.js";
import { heightsOver } from "./heights.js";
import { names, type View } from "./lane.js";
import { standings } from "./standings.js";
import { tell } from "./telling.js";
import { WalkersMap } from "./walkers-map.js";
import type { Settings as Experiment, State } from "./zoo.experiment.js";
import experiment from "./zoo.experiment.ts?raw";
import code from "./zoo.pytorch.py?raw";
import output from "./zoo.pytorch.txt?raw";

export interface Settings extends Experiment, View {}

export const zoo: FigureDefinition<State, Settings> = {
  name: "zoo",
  title: "The same six where the ground is no bowl",
  experiment,
  pytorch: { code, output },
  controls: {
    ground: {
      kind: "choice",
      label: "Ground",
      start: "hollows",
      options: {
        hollows: "two hollows",
        saddle: "a saddle",
        rosenbrock: "Rosenbrock’s",
        beale: "Beale’s",
        himmelblau: "Himmelblau’s",
      },
      clears: ["start"],
    },
    times: { kind: "slider", label: "All rates times", start: 1, min: 0.1, max: 4, step: 0.1 },
    noise: { kind: "slider", label: "Noise in the slopes", start: 0, min: 0, max: 20, step: 0.25 },
    follow,
    start: { kind: "place", start: null },
    seed: { kind: "seed", start: 0 },
  },
  panels: [
    { title: "Map", Drawing: WalkersMap },
    { title: "Heights", Drawing: heightsOver(300, 1e4) },
    { title: "Standings", Drawing: standings<State>() },
  ],
  columns: names.flatMap((name) => [
    {
      name: `place of ${name}`,
      value: ({ walkers }: State) => (walkers[name]?.place ?? []).map(numberText).join(", "),
    },
    { name: `height of ${name}`, value: ({ walkers }: State) => walkers[name]?.height ?? NaN },
  ]),
  limit: 300,
  pace: 20,
  pictureAt: 80,
  describe: ({ states, at, settings }) => tell(states, at, settings),
};
