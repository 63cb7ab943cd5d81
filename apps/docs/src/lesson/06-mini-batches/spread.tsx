import type { JSX } from "react";
import { Key } from "../../figure/drawing/key.js";
import { Dot, Segment, Trail } from "../../figure/drawing/marks.js";
import { Plot } from "../../figure/drawing/plot.js";
import type { PanelProps, Point } from "../../figure/figure-definition.js";
import type { Settings, State } from "./noise.experiment.js";

/** How far batches of each size stray, measured and expected. Both axes are logarithmic: 1/B is a straight line. */
export function Spread({ states, at }: PanelProps<State, Settings>): JSX.Element {
  const { batchSize, sizes, expected, measured } = states[at]!;
  const ofOne = expected[0]!;
  const point = (values: readonly number[], i: number): Point => [sizes[i]!, values[i]!];
  return (
    <Plot
      title="How far the batches’ gradients stray, against their size"
      x={{ from: 0.9, to: 110, label: "batch size B", log: true, ticks: 3 }}
      y={{ from: ofOne * 5e-4, to: ofOne * 4, label: "mean squared distance", log: true, ticks: 4 }}
    >
      <Segment from={[1, ofOne]} to={[100, ofOne / 100]} tone="faint" />
      <Trail points={sizes.map((_, i) => point(expected, i)).filter(([, y]) => y > 0)} tone="model" />
      {sizes.map((size, i) => (
        <Dot key={size} at={point(measured, i)} tone={size === batchSize ? "walker" : "data"} />
      ))}
      <Key
        entries={[
          { tone: "data", mark: "dot", text: "measured so far" },
          { tone: "model", mark: "line", text: "over all possible batches" },
          { tone: "faint", mark: "line", text: "falling as 1/B" },
        ]}
      />
    </Plot>
  );
}
