import type { JSX } from "react";
import { Key, type KeyEntry } from "../../figure/drawing/key.js";
import { Curve, Segment } from "../../figure/drawing/marks.js";
import { Plot } from "../../figure/drawing/plot.js";
import type { PanelProps } from "../../figure/figure-definition.js";
import type { State } from "./step.experiment.js";
import type { Settings } from "./step-figure.js";
import { termOf } from "./step-terms.js";

const entries: readonly KeyEntry[] = [
  { tone: "loss", mark: "line", text: "rate · gradient" },
  { tone: "model", mark: "line", text: "change" },
];

/** What each update has subtracted, beside what the gradient alone would have: the rate times the gradient. */
export function Changes({ states, at, settings }: PanelProps<State, Settings>): JSX.Element {
  const seen = states.slice(0, at + 1).map((state) => state[settings.parameter]);
  const changes = seen.map((explanation) => termOf(explanation, "change").value);
  const plain = seen.map((explanation) => termOf(explanation, "grad").value * settings.rate);
  const largest = Math.max(1e-6, ...[...changes, ...plain].map(Math.abs)) * 1.1;
  return (
    <Plot
      title="What each update subtracts, and the rate times its gradient"
      x={{ from: 0, to: Math.max(20, at), label: "updates" }}
      y={{ from: -largest, to: largest, label: "subtracted" }}
    >
      <Segment from={[0, 0]} to={[Math.max(20, at), 0]} tone="faint" />
      <Curve values={plain} tone="loss" />
      <Curve values={changes} tone="model" />
      <Key entries={entries} />
    </Plot>
  );
}
