import { numberText } from "../../figure/drawing/number-text.js";
import type { FigureDefinition } from "../../figure/figure-definition.js";
import { BothLosses } from "./both-losses.js";
import type { Settings, State } from "./experiment.js";
import experiment from "./experiment.ts?raw";
import code from "./pytorch.py?raw";
import output from "./pytorch.txt?raw";
import { StaggerMap } from "./stagger-map.js";
import { Ways } from "./ways.js";

const uphillOf = ({ uphill }: State): number => uphill.filter(Boolean).length;

export const stagger: FigureDefinition<State, Settings> = {
  name: "stagger",
  title: "One sample, one step",
  experiment,
  pytorch: { code, output },
  controls: {
    rate: {
      kind: "slider",
      label: "Learning rate",
      start: 0.01,
      min: 0.0005,
      max: 0.03,
      step: 0.0005,
      marks: ({ edge }) => [{ value: edge, label: "no sample overshoots up to" }],
    },
    start: { kind: "place", start: null },
    seed: { kind: "seed", start: 42, clears: ["start"] },
  },
  panels: [
    { title: "Map", Drawing: StaggerMap },
    { title: "Ways", Drawing: Ways },
    { title: "Losses", Drawing: BothLosses },
  ],
  columns: [
    { name: "epoch", value: ({ epoch }) => epoch },
    { name: "sample", value: ({ sample }) => sample },
    { name: "w", value: ({ place }) => place[0] },
    { name: "b", value: ({ place }) => place[1] },
    { name: "its loss", value: ({ loss }) => loss.toFixed(4) },
    { name: "average loss", value: ({ average }) => average },
    { name: "point uphill", value: uphillOf },
  ],
  limit: 1000,
  pace: 25,
  pictureAt: 100,
  describe({ states, at }) {
    const state = states[at]!;
    const { epoch, sample, loss, average, place, uphill } = state;
    const [w, b] = place.map((value) => value.toFixed(4));
    if (!(average < 1e9)) return `The walk has flown apart: the average loss is ${numberText(average)}.`;
    const count = uphillOf(state);
    const own = uphill[sample - 1] === true ? "uphill" : "downhill";
    return `Epoch ${epoch}, Sample ${sample}, Loss: ${loss.toFixed(4)}. At w = ${w}, b = ${b} the average loss is ${numberText(average)}. From here ${count} of ${uphill.length} samples point uphill; this one points ${own}.`;
  },
};
