import type { JSX } from "react";
import { Dot, Label, Segment, Trail } from "../../figure/drawing/marks.js";
import { Plot } from "../../figure/drawing/plot.js";
import type { PanelProps, Point } from "../../figure/figure-definition.js";
import type { Bench, Settings, State } from "./fit.experiment.js";
import { megabytes } from "./megabytes.js";

const x = { from: 0.8, to: 5200, label: "samples in the batch", log: true, ticks: 4 };

type Value = (bench: Bench) => number;

/** A value of each batch size so far, on the CPU and on WebGPU. */
const pointsOf = (states: readonly State[], device: "cpu" | "webgpu", value: Value): Point[] =>
  states.flatMap((state): Point[] => (state[device] === null ? [] : [[state.size, value(state[device])]]));

/** What each batch size takes, as planned (lines) and as it was in use (dots), under the budget. */
export function Memory({ states, at, settings }: PanelProps<State, Settings>): JSX.Element {
  const shown = states.slice(0, at + 1);
  const { budget } = settings;
  const { largest } = states[at]!.cpu;
  return (
    <Plot
      title="Memory of a step, for each batch size"
      x={x}
      y={{ from: 1, to: 400, label: "memory of a step, MB", log: true, ticks: 3 }}
    >
      <Segment from={[x.from, budget]} to={[x.to, budget]} tone="loss" />
      <Label at={[x.from, budget]}>{`budget: ${largest} samples fit`}</Label>
      <Segment from={[largest, 1]} to={[largest, budget]} tone="loss" />
      {(["webgpu", "cpu"] as const).map((device) => (
        <g key={device}>
          <Trail points={pointsOf(shown, device, ({ planned }) => megabytes(planned.peak))} tone={tones[device]} />
          {pointsOf(shown, device, ({ inUse }) => megabytes(inUse)).map((point) => (
            <Dot key={point[0]} at={point} tone={tones[device]} />
          ))}
        </g>
      ))}
    </Plot>
  );
}

/** How many samples a second each batch size learns from. */
export function Speed({ states, at }: PanelProps<State, Settings>): JSX.Element {
  const shown = states.slice(0, at + 1);
  const lines = (["webgpu", "cpu"] as const).map((device) => ({
    device,
    points: pointsOf(shown, device, ({ perSecond }) => perSecond / 1000),
  }));
  return (
    <Plot
      title="Samples a second, for each batch size"
      x={x}
      y={{ from: 0.01, to: 1e4, label: "1000 samples a second", log: true, ticks: 3 }}
    >
      {lines.map(({ device, points }) => (
        <g key={device}>
          <Trail points={points} tone={tones[device]} />
          {points.map((point) => (
            <Dot key={point[0]} at={point} tone={tones[device]} />
          ))}
          {points.length > 1 && (
            <Label at={points.at(-1)!} anchor="end">
              {device === "cpu" ? "CPU" : "WebGPU"}
            </Label>
          )}
        </g>
      ))}
    </Plot>
  );
}

const tones = { cpu: "data", webgpu: "walker" } as const;
