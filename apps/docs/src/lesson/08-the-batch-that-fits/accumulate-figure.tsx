import type { FigureDefinition } from "../../figure/figure-definition.js";
import type { Settings, State } from "./accumulate.experiment.js";
import experiment from "./accumulate.experiment.ts?raw";
import code from "./accumulate.pytorch.py?raw";
import output from "./accumulate.pytorch.txt?raw";
import { AgreeingBits, Entries } from "./entries.js";

const equal = ({ bits, precision }: State): number => bits.filter((each) => each === precision).length;
const least = ({ bits }: State): number => Math.min(...bits);

export const accumulate: FigureDefinition<State, Settings> = {
  name: "accumulate",
  title: "256 at once, or in parts",
  experiment,
  pytorch: { code, output },
  controls: {
    parts: {
      kind: "choice",
      label: "Parts",
      start: "4",
      options: { "2": "2 × 128", "4": "4 × 64", "8": "8 × 32", "16": "16 × 16" },
    },
    numbers: {
      kind: "choice",
      label: "Numbers",
      start: "float32",
      options: { float32: "float32", float64: "float64", whole: "whole numbers" },
    },
    layer: {
      kind: "choice",
      label: "In the model",
      start: "none",
      options: { none: "linear layers only", batchNorm: "batch norm", dropout: "dropout" },
    },
    seed: { kind: "seed", start: 0 },
  },
  panels: [
    { title: "Entries", Drawing: Entries },
    { title: "Bits", Drawing: AgreeingBits },
  ],
  columns: [
    { name: "parts added up", value: ({ done }) => done },
    { name: "entries", value: ({ whole }) => whole.length },
    { name: "equal to the last bit", value: equal },
    { name: "bits that agree at least", value: least },
    {
      name: "largest difference",
      value: ({ whole, sum }) => Math.max(...whole.map((value, i) => Math.abs(value - sum[i]!))),
    },
  ],
  limit: 16,
  pace: 2,
  pictureAt: 4,
  describe({ states, at, settings }) {
    const state = states[at]!;
    const { done, whole, precision } = state;
    const parts = Number(settings.parts);
    if (done === 0)
      return `The gradient of 256 examples at once has ${whole.length} entries. No part has been added up yet.`;
    if (done < parts) return `${done} of ${parts} parts have been added up: ${(256 * done) / parts} of 256 examples.`;
    const same = equal(state);
    if (same === whole.length)
      return `All ${parts} parts: every one of the ${same} entries is the same to the last bit.`;
    const rest = `${same} of ${whole.length} entries are the same to the last bit, all agree in at least ${least(state)} of ${precision} bits`;
    if (settings.layer === "none") return `All ${parts} parts: ${rest}. The rest is rounding.`;
    const why =
      settings.layer === "batchNorm" ? "each part was normalised by itself" : "each part drew zeros of its own";
    return `All ${parts} parts: ${rest}. That is no rounding: ${why}.`;
  },
};
