import type { JSX } from "react";
import { Curve, Dot } from "../../figure/drawing/marks.js";
import { Plot } from "../../figure/drawing/plot.js";
import { stepAxis } from "../../figure/drawing/step-axis.js";
import type { PanelProps } from "../../figure/figure-definition.js";
import type { Settings, State } from "./experiment.js";

/** The average loss at each step. */
export function LossCurve({ states, at }: PanelProps<State, Settings>): JSX.Element {
  const losses = states.slice(0, at + 1).map(({ loss }) => loss);
  const highest = 10 ** Math.ceil(Math.log10(Math.max(200, ...losses.filter(Number.isFinite))));
  return (
    <Plot
      title="The average loss, step by step"
      x={stepAxis(at)}
      y={{ from: 0.5, to: highest, label: "average loss", log: true, ticks: 4 }}
    >
      <Curve values={losses} tone="loss" />
      <Dot at={[at, losses[at]!]} tone="loss" />
    </Plot>
  );
}
