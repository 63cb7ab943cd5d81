import type { JSX } from "react";
import { Contours } from "../../figure/drawing/contours.js";
import { Handle } from "../../figure/drawing/handle.js";
import { Arrow, Dot, Rays, Trail } from "../../figure/drawing/marks.js";
import { Plot } from "../../figure/drawing/plot.js";
import type { PanelProps, Point } from "../../figure/figure-definition.js";
import type { Settings, State } from "./experiment.js";

const x = { from: -1, to: 5, label: "weight w" };
const y = { from: -4, to: 8, label: "bias b" };
const spanX = [-1, 5] as const;
const spanY = [-4, 8] as const;
const levels = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/** The walk so far, where each example alone would send the walker next, and where they send it together. */
export function DescentMap({ states, at, settings, change }: PanelProps<State, Settings>): JSX.Element {
  const { place, gradients, gradient, best } = states[at]!;
  const walk = states.slice(0, at + 1).map((state) => state.place);
  const { land } = states[0]!;
  const step = ([w, b]: Point): Point => [-settings.rate * w, -settings.rate * b];
  return (
    <Plot title="The loss of every line, and the walk" x={x} y={y}>
      {land !== null && <Contours heights={land} levels={levels} x={spanX} y={spanY} />}
      <Dot at={best} tone="model" size={5} />
      <Rays from={place} along={gradients.map(step)} tone="data" />
      <Trail points={walk} tone="walker" />
      <Arrow from={place} along={step(gradient)} tone="walker" />
      <Dot at={place} tone="walker" size={6} />
      <Handle at={walk[0]!} label="First line" tone="walker" step={0.05} onMove={(start) => change({ start })} />
    </Plot>
  );
}
