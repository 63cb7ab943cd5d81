import type { JSX } from "react";
import { Handle } from "../../figure/drawing/handle.js";
import { Segment } from "../../figure/drawing/marks.js";
import { Plot } from "../../figure/drawing/plot.js";
import type { PanelProps, Point } from "../../figure/figure-definition.js";
import type { Settings, State } from "./experiment.js";

const x = { from: -0.5, to: 10.5, label: "x" };
const y = { from: -5, to: 30, label: "y" };

/** The line and the examples, all of which can be dragged, and the residuals of those that have been counted. */
export function LineAndData({ states, at, settings, change }: PanelProps<State, Settings>): JSX.Element {
  const { points, predictions, seen } = states[at]!;
  const { w, b } = settings;
  const place = (i: number, to: Point): void => change({ points: points.map((point, j) => (j === i ? to : point)) });
  // Each end of the line moves alone: the other stays where it is.
  const moveStart = ([, to]: Point): void => change({ b: tidy(to), w: tidy((10 * w + b - to) / 10) });
  const moveEnd = ([, to]: Point): void => change({ w: tidy((to - b) / 10) });
  return (
    <Plot title="The line and the data" x={x} y={y}>
      {points.slice(0, seen).map(([px, py], i) => (
        <Segment key={i} from={[px, py]} to={[px, predictions[i]!]} tone="loss" />
      ))}
      <Segment from={[0, b]} to={[10, 10 * w + b]} tone="model" />
      <Handle at={[0, b]} label="Left end of the line" tone="model" step={0.5} onMove={moveStart} />
      <Handle at={[10, 10 * w + b]} label="Right end of the line" tone="model" step={0.5} onMove={moveEnd} />
      {points.map((point, i) => (
        <Handle key={i} at={point} label={`Example ${i + 1}`} tone="data" step={0.1} onMove={(to) => place(i, to)} />
      ))}
    </Plot>
  );
}

const tidy = (value: number): number => Number(value.toFixed(3));
