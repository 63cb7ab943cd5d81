import { numberText } from "../../figure/drawing/number-text.js";
import type { FigureDefinition } from "../../figure/figure-definition.js";
import { RaceCurves } from "./race-curves.js";
import type { Settings as Experiment, State, Walker } from "./race.experiment.js";
import experiment from "./race.experiment.ts?raw";
import { RaceMap } from "./race-map.js";
import code from "./race.pytorch.py?raw";
import output from "./race.pytorch.txt?raw";
import { updatesAtMost } from "./regimes.js";

export interface Settings extends Experiment {
  readonly axis: "updates" | "samples" | "seconds";
}

export const threeWalkers: FigureDefinition<State, Settings> = {
  name: "three-walkers",
  title: "Three walkers, one start",
  experiment,
  pytorch: { code, output },
  controls: {
    axis: {
      kind: "choice",
      label: "Compare after as many",
      start: "updates",
      options: { updates: "updates", samples: "samples seen", seconds: "seconds, measured here" },
      viewOnly: true,
    },
    count: {
      kind: "choice",
      label: "Samples",
      start: "100",
      options: { "100": "100", "10000": "10,000", "1000000": "1,000,000" },
    },
    rate: {
      kind: "slider",
      label: "Learning rate",
      start: 0.006,
      min: 0.001,
      max: 0.032,
      step: 0.0005,
      marks: ({ limits }) => [
        { value: limits.single, label: "edge for the steepest sample" },
        { value: limits.full, label: "edge for the full batch" },
      ],
    },
    batchSize: { kind: "slider", label: "Batch size", start: 10, min: 2, max: 64, step: 1 },
    start: { kind: "place", start: null },
    seed: { kind: "seed", start: 0, clears: ["start"] },
  },
  panels: [
    { title: "Map", Drawing: RaceMap },
    { title: "Heights", Drawing: RaceCurves },
  ],
  columns: [
    { name: "full batch: above the lowest", value: ({ full }) => full.above },
    { name: "samples", value: ({ full }) => full.seen },
    { name: "mini-batches: above the lowest", value: ({ batch }) => batch.above },
    { name: "samples ", value: ({ batch }) => batch.seen },
    { name: "single samples: above the lowest", value: ({ single }) => single.above },
    { name: "samples  ", value: ({ single }) => single.seen },
  ],
  limit: updatesAtMost,
  pace: 30,
  pictureAt: 300,
  describe({ states, at, settings }) {
    if (at === 0)
      return `All three stand at the same place, ${numberText(states[0]!.full.above)} above the lowest loss.`;
    if (settings.axis === "samples") {
      // As many samples as the single walker has seen: the others needed fewer updates for them.
      const { seen } = states[at]!.single;
      const told = (["full", "batch", "single"] as const).map((name) => {
        const updates = states.findLastIndex((state) => state[name].seen <= seen);
        return `${titles[name]} ${heightOf(states[updates]![name])} after ${updates} ${updates === 1 ? "update" : "updates"}`;
      });
      return `Of ${grouped(seen)} samples each: ${told.join(", ")}.`;
    }
    const { full, batch, single } = states[at]!;
    const told = `After ${at} ${at === 1 ? "update" : "updates"} each: ${titles.full} ${heightOf(full)}, having seen ${grouped(full.seen)} samples; ${titles.batch} ${heightOf(batch)}, having seen ${grouped(batch.seen)}; ${titles.single} ${heightOf(single)}, having seen ${single.seen}.`;
    return settings.axis === "updates" ? told : `${told} The curves stand where your browser’s clock puts them.`;
  },
};

const titles = { full: "the full batch is", batch: "mini-batches are", single: "single samples are" };

const grouped = (count: number): string => count.toLocaleString("en-US");

const heightOf = ({ above }: Walker): string =>
  above < 1e6 ? `${numberText(above)} above the lowest` : "thrown out of the valley";
