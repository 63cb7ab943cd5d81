import type { JSX } from "react";
import { Contours } from "../../figure/drawing/contours.js";
import { Handle } from "../../figure/drawing/handle.js";
import { Arrow, Dot, Trail } from "../../figure/drawing/marks.js";
import { Plot } from "../../figure/drawing/plot.js";
import type { PanelProps } from "../../figure/figure-definition.js";
import type { State } from "./experiment.js";
import type { Settings } from "./figure.js";
import { Fog } from "./fog.js";

const x = { from: -2, to: 2, label: "x" };
const y = { from: -1, to: 3, label: "y" };
const levels = [0.3, 1, 3, 10, 30, 100, 300, 1000];
const spanX = [-2, 2] as const;
const spanY = [-1, 3] as const;

/** The valley from above: the walk so far, the slope under the walker's feet, and the start, which can be dragged. */
export function Map({ states, at, settings, change }: PanelProps<State, Settings>): JSX.Element {
  const walk = states.slice(0, at + 1).map(({ place }) => place);
  const { place, slope } = states[at]!;
  const { land } = states[0]!;
  return (
    <Plot title="The valley from above" x={x} y={y}>
      {land !== null && <Contours heights={land} levels={levels} x={spanX} y={spanY} />}
      <Dot at={[1, 1]} tone="model" size={5} />
      {settings.fog && <Fog around={place} />}
      <Trail points={walk} tone="walker" />
      <Arrow from={place} along={[-slope[0], -slope[1]]} tone="walker" length={36} />
      <Dot at={place} tone="walker" size={6} />
      <Handle at={walk[0]!} label="Start of the walk" tone="walker" step={0.05} onMove={(start) => change({ start })} />
    </Plot>
  );
}
