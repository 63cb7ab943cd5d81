import type { JSX } from "react";
import { Curve, Dot, Label } from "../../figure/drawing/marks.js";
import { Plot } from "../../figure/drawing/plot.js";
import { stepAxis } from "../../figure/drawing/step-axis.js";
import type { PanelProps } from "../../figure/figure-definition.js";
import type { Settings, State } from "./edge.experiment.js";

const axes = [
  { index: 0, name: "flat", tone: "data" },
  { index: 1, name: "steep", tone: "loss" },
] as const;

/** How far the walker is along either axis, step by step. */
export function Distances({ states, at }: PanelProps<State, Settings>): JSX.Element {
  const steps = stepAxis(at);
  const walk = states.slice(0, at + 1);
  return (
    <Plot
      title="The distance along either axis, step by step"
      x={steps}
      y={{ from: 1e-3, to: 100, label: "distance", log: true, ticks: 4 }}
    >
      {axes.map(({ index, name, tone }) => {
        const distances = walk.map(({ away }) => Math.max(1e-12, Math.abs(away[index]))); // a logarithm has no 0
        return (
          <g key={name}>
            <Curve values={distances} tone={tone} />
            <Dot at={[at, distances[at]!]} tone={tone} />
            <Label at={[at, distances[at]!]} anchor={at < 0.7 * steps.to ? "start" : "end"}>
              {name}
            </Label>
          </g>
        );
      })}
    </Plot>
  );
}
