import type { JSX } from "react";
import { Dot, Label, Segment, Trail } from "../../figure/drawing/marks.js";
import { Plot } from "../../figure/drawing/plot.js";
import type { PanelProps, Point } from "../../figure/figure-definition.js";
import type { Settings, State } from "./edge.experiment.js";

const x = { from: 0, to: 0.04, label: "learning rate", ticks: 4 };
const y = { from: 0, to: 1.6, label: "what a step multiplies by" };

/** |1 - rate · curvature| over the rate, for both axes: below 1 a distance shrinks, above 1 it grows. */
export function Factors({ states, at, settings }: PanelProps<State, Settings>): JSX.Element {
  const [flat, steep] = states[at]!.curvatures;
  const { rate } = settings;
  const line = (curvature: number): Point[] =>
    [0, 1 / curvature, 0.04].sort((a, b) => a - b).map((rate) => [rate, Math.abs(1 - rate * curvature)]);
  return (
    <Plot title="What a step multiplies the distances by" x={x} y={y}>
      <Segment from={[0, 1]} to={[0.04, 1]} tone="faint" />
      <Label at={[0, 1.04]}>grows</Label>
      <Segment from={[2 / steep, 0]} to={[2 / steep, 1.6]} tone="faint" />
      <Label at={[2 / steep, 0.02]}>edge</Label>
      <Trail points={line(flat)} tone="data" />
      <Trail points={line(steep)} tone="loss" />
      <Segment from={[rate, 0]} to={[rate, 1.6]} tone="walker" />
      <Dot at={[rate, Math.abs(1 - rate * flat)]} tone="data" size={5} />
      <Dot at={[rate, Math.abs(1 - rate * steep)]} tone="loss" size={5} />
    </Plot>
  );
}
