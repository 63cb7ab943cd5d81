import { numberText } from "../../figure/drawing/number-text.js";
import type { FigureDefinition } from "../../figure/figure-definition.js";
import type { Settings as Experiment, State } from "./experiment.js";
import experiment from "./experiment.ts?raw";
import { Map } from "./map.js";
import code from "./pytorch.py?raw";
import output from "./pytorch.txt?raw";
import { Surface } from "./surface.js";

export interface Settings extends Experiment {
  readonly fog: boolean;
}

export const fog: FigureDefinition<State, Settings> = {
  name: "fog",
  title: "A walker in Rosenbrock’s valley",
  experiment,
  pytorch: { code, output },
  controls: {
    rate: {
      kind: "slider",
      label: "Learning rate",
      start: 0.001,
      min: 0.0001,
      max: 0.003,
      step: 0.00005,
      marks: ({ limit, limitAtMinimum }) => [
        { value: limitAtMinimum, label: "edge at the lowest point" },
        { value: limit, label: "edge where the walker stands" },
      ],
    },
    start: { kind: "place", start: null },
    seed: { kind: "seed", start: 0, clears: ["start"] },
    fog: { kind: "switch", label: "Fog", start: true, viewOnly: true },
  },
  panels: [
    { title: "Map", Drawing: Map },
    { title: "Surface", Drawing: Surface, inPicture: false },
  ],
  columns: [
    { name: "x", value: ({ place }) => place[0] },
    { name: "y", value: ({ place }) => place[1] },
    { name: "height", value: ({ height }) => height },
    { name: "slope along x", value: ({ slope }) => slope[0] },
    { name: "slope along y", value: ({ slope }) => slope[1] },
    { name: "edge here", value: ({ limit }) => limit },
  ],
  limit: 1000,
  pace: 30,
  pictureAt: 400,
  describe({ states, at, settings }) {
    const { place, height, slope, limit } = states[at]!;
    const [x, y] = place.map(numberText);
    if (!(height < 1e9))
      return `The walker was thrown out of the valley: at (${x}, ${y}) the ground is ${numberText(height)} high.`;
    const steepness = numberText(Math.hypot(...slope));
    const length = numberText(Math.hypot(...slope) * settings.rate);
    const edge = settings.rate > limit ? `, above the edge ${numberText(limit)} for the curvature here` : "";
    return `The walker stands at (${x}, ${y}), ${numberText(height)} high, on a slope of ${steepness}: the next step is ${length} long${edge}.`;
  },
};
