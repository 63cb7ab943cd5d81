import type { JSX } from "react";
import { Contours } from "../../figure/drawing/contours.js";
import { Handle } from "../../figure/drawing/handle.js";
import { Dot, Trail } from "../../figure/drawing/marks.js";
import { Plot } from "../../figure/drawing/plot.js";
import type { PanelProps, Point } from "../../figure/figure-definition.js";
import { type Regime, regimes } from "./regimes.js";
import type { State } from "./race.experiment.js";
import type { Settings } from "./race-figure.js";

const x = { from: -2, to: 4, label: "weight w" };
const y = { from: -4, to: 8, label: "bias b" };
const spanX = [-2, 4] as const;
const spanY = [-4, 8] as const;
const levels = [0.3, 1, 3, 10, 30, 100, 300, 1000];

/** The loss over all samples from above, the three walks, and their start, which can be dragged. */
export function RaceMap({ states, at, change }: PanelProps<State, Settings>): JSX.Element {
  const { land, full } = states[0]!;
  const walk = (name: Regime): Point[] => states.slice(0, at + 1).map((state) => state[name].place);
  return (
    <Plot title="The three walks" x={x} y={y}>
      <Contours heights={land!.heights} levels={levels} x={spanX} y={spanY} />
      <Dot at={land!.lowest} tone="faint" size={5} />
      {regimes.map(({ name, tone }) => (
        <Trail key={name} points={walk(name)} tone={tone} />
      ))}
      {regimes.map(({ name, tone }) => (
        <Dot key={name} at={states[at]![name].place} tone={tone} size={5.5} />
      ))}
      <Handle
        at={full.place}
        label="Start of the three walks"
        tone="faint"
        step={0.1}
        onMove={(start) => change({ start })}
      />
    </Plot>
  );
}
