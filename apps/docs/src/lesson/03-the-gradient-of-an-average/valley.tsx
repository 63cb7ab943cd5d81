import type { JSX } from "react";
import { Contours } from "../../figure/drawing/contours.js";
import { Dot, Dots, Label, Trail } from "../../figure/drawing/marks.js";
import { Plot } from "../../figure/drawing/plot.js";
import type { PanelProps } from "../../figure/figure-definition.js";
import type { Settings, State } from "./edge.experiment.js";

const x = { from: -5, to: 5, label: "away along the flat axis" };
const y = { from: -4, to: 4, label: "away along the steep axis" };
const span = [-5, 5] as const;
const levels = [0.25, 1, 4, 16, 64, 256];

/** The valley turned so that its axes are the picture's, both to the same scale. */
export function Valley({ states, at }: PanelProps<State, Settings>): JSX.Element {
  const { land } = states[0]!;
  const walk = states.slice(0, at + 1).map(({ away }) => away);
  return (
    <Plot title="The valley along its own axes" x={x} y={y}>
      {land !== null && <Contours heights={land} levels={levels} x={span} y={span} />}
      <Dot at={[0, 0]} tone="model" size={5} />
      <Label at={[0, 0]}>best line</Label>
      <Trail points={walk} tone="walker" />
      <Dots at={walk} tone="walker" size={2} />
      <Dot at={walk[at]!} tone="walker" size={6} />
    </Plot>
  );
}
