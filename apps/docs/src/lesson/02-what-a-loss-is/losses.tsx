import type { JSX } from "react";
import { Bar, Label, Segment } from "../../figure/drawing/marks.js";
import { numberText } from "../../figure/drawing/number-text.js";
import { Plot } from "../../figure/drawing/plot.js";
import type { PanelProps } from "../../figure/figure-definition.js";
import type { Settings, State } from "./experiment.js";

/** The loss of each example that has been counted, and their average. */
export function Losses({ states, at }: PanelProps<State, Settings>): JSX.Element {
  const { losses, seen, average } = states[at]!;
  const count = losses.length;
  const highest = Math.max(10, ...losses) * 1.08;
  return (
    <Plot
      title="Each example's loss, and their average"
      x={{ from: 0.4, to: count + 0.6, label: "example", ticks: count }}
      y={{ from: 0, to: highest, label: "loss: residual squared" }}
    >
      {losses.slice(0, seen).map((loss, i) => (
        <Bar key={i} at={i + 1} height={loss} tone="loss" />
      ))}
      <Segment from={[0.4, average]} to={[count + 0.6, average]} tone="model" />
      {seen > 0 && <Label at={[0.4, average]}>{`average ${numberText(average)}`}</Label>}
    </Plot>
  );
}
