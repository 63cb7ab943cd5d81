import type { JSX } from "react";
import { Contours } from "../../figure/drawing/contours.js";
import { Handle } from "../../figure/drawing/handle.js";
import { Arrow, Dot, Segment, Trail } from "../../figure/drawing/marks.js";
import { Plot } from "../../figure/drawing/plot.js";
import type { PanelProps, Point } from "../../figure/figure-definition.js";
import type { Settings, State } from "./experiment.js";

const x = { from: -1, to: 9, label: "weight w" };
const y = { from: -3, to: 12, label: "bias b" };
const spanX = [-1, 9] as const;
const spanY = [-3, 12] as const;
const levels = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048];

/** The walk so far, the next step, and all lines that go through the sample which asks for it: the floor of its own trench. */
export function StaggerMap({ states, at, settings, change }: PanelProps<State, Settings>): JSX.Element {
  const { place, gradient, x: sampleX, y: sampleY } = states[at]!;
  const walk = states.slice(0, at + 1).map((state) => state.place);
  const { land } = states[0]!;
  const through = (w: number): Point => [w, sampleY - w * sampleX];
  const step: Point = [-settings.rate * gradient[0], -settings.rate * gradient[1]];
  return (
    <Plot title="The average loss of every line, and the walk" x={x} y={y}>
      {land !== null && <Contours heights={land} levels={levels} x={spanX} y={spanY} />}
      <Segment from={through(-1)} to={through(9)} tone="data" />
      <Trail points={walk} tone="walker" />
      <Arrow from={place} along={step} tone="walker" />
      <Dot at={place} tone="walker" size={6} />
      <Handle at={walk[0]!} label="First line" tone="walker" step={0.05} onMove={(start) => change({ start })} />
    </Plot>
  );
}
