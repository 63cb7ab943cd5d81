import { type JSX, useMemo } from "react";
import { Contours } from "../../figure/drawing/contours.js";
import { Handle } from "../../figure/drawing/handle.js";
import { Dot, Trail } from "../../figure/drawing/marks.js";
import { Plot } from "../../figure/drawing/plot.js";
import type { PanelProps, Point } from "../../figure/figure-definition.js";
import { type Field, lanesOf, type View } from "./lane.js";

const levels = [0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000, 1e4, 3e4, 1e5];

interface Settings extends View {
  readonly start: Point | null;
}

/** The ground from above, with everyone's walk so far; the start can be dragged. */
export function WalkersMap({ states, at, settings, change }: PanelProps<Field, Settings>): JSX.Element {
  const { map, walkers } = states[0]!;
  const lanes = lanesOf(states[0]!, settings);
  const highest = useMemo(() => Math.max(...(map?.heights.flat() ?? [])), [map]);
  const shown = useMemo(() => levels.filter((level) => level < highest), [highest]);
  if (map === null) return <></>;
  const { x, y, heights, bottoms } = map;
  const start = Object.values(walkers)[0]!.place;
  return (
    <Plot
      title="The ground from above, and all walks"
      x={{ from: x[0], to: x[1], label: "x" }}
      y={{ from: y[0], to: y[1], label: "y" }}
    >
      <Contours heights={heights} levels={shown} x={x} y={y} />
      {bottoms.map((bottom) => (
        <Dot key={bottom.join()} at={bottom} tone="model" size={5} />
      ))}
      {lanes.map(({ name, tone, dimmed }) => (
        <g key={name} className={dimmed ? "dimmed" : undefined}>
          <Trail points={states.slice(0, at + 1).map(({ walkers }) => walkers[name]!.place)} tone={tone} />
          <Dot at={states[at]!.walkers[name]!.place} tone={tone} size={5} />
        </g>
      ))}
      <Handle at={start} label="Start of all walks" tone="faint" step={0.05} onMove={(start) => change({ start })} />
    </Plot>
  );
}
