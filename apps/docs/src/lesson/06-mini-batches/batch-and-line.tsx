import type { JSX } from "react";
import { Dot, Dots, Segment } from "../../figure/drawing/marks.js";
import { Plot } from "../../figure/drawing/plot.js";
import type { PanelProps } from "../../figure/figure-definition.js";
import type { Settings, State } from "./ledger.experiment.js";

const x = { from: -0.5, to: 10.5, label: "x" };
const y = { from: -8, to: 28, label: "y" };

/** All samples, those of the newest batch standing out, and the line after its update. */
export function BatchAndLine({ states, at }: PanelProps<State, Settings>): JSX.Element {
  const { batches, weight, bias } = states[at]!;
  const points = states[0]!.points!;
  const batch = new Set(batches.at(-1));
  return (
    <Plot title="The samples, the newest batch and the line" x={x} y={y}>
      <Dots at={points.filter((_, i) => !batch.has(i))} tone="faint" size={2} />
      <Segment from={[0, bias]} to={[10, 10 * weight + bias]} tone="model" />
      {[...batch].map((i) => (
        <Dot key={i} at={points[i]!} tone="walker" size={5} />
      ))}
    </Plot>
  );
}
