import type { JSX } from "react";
import { Bar, Segment } from "../../figure/drawing/marks.js";
import { Plot } from "../../figure/drawing/plot.js";
import type { PanelProps } from "../../figure/figure-definition.js";
import type { Settings, State } from "./noise.experiment.js";

const width = 10;
const bins = 180 / width;

/** How many batches point how far away from the full gradient. Beyond a right angle they point uphill. */
export function Angles({ states, at }: PanelProps<State, Settings>): JSX.Element {
  const counts = Array.from({ length: bins }, () => 0);
  for (const { angle } of states.slice(1, at + 1)) counts[Math.min(bins - 1, Math.floor(angle / width))]!++;
  return (
    <Plot
      title="Angles between the batches’ gradients and the full one"
      x={{ from: 0, to: 180, label: "angle to the full gradient, in degrees", ticks: 6 }}
      y={{ from: 0, to: Math.max(10, ...counts) * 1.1, label: "batches" }}
    >
      {counts.map((count, i) => (
        <Bar
          key={i}
          at={(i + 0.5) * width}
          height={count}
          width={0.9 * width}
          tone={i < bins / 2 ? "data" : "walker"}
        />
      ))}
      <Segment from={[90, 0]} to={[90, 1e4]} tone="faint" />
    </Plot>
  );
}
