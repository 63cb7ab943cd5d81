import type { JSX } from "react";
import { Key } from "../../figure/drawing/key.js";
import { Trail } from "../../figure/drawing/marks.js";
import { type Axis, Plot } from "../../figure/drawing/plot.js";
import type { PanelProps, Point } from "../../figure/figure-definition.js";
import type { State as Times } from "./race.clock.js";
import type { State } from "./race.experiment.js";
import type { Settings } from "./race-figure.js";
import { type Regime, regimes, updatesAtMost } from "./regimes.js";
import { useUpdateTimes } from "./use-update-times.js";

const y = { from: 1e-3, to: 1e3, label: "loss above the lowest", log: true, ticks: 3 };

/** How high each walker stands: after as many updates, after as many samples, or after as many seconds. */
export function RaceCurves({ states, at, settings }: PanelProps<State, Settings>): JSX.Element {
  const times = useUpdateTimes(settings, settings.axis === "seconds");
  const curve = (name: Regime): Point[] =>
    states
      .slice(1, at + 1)
      .map((state, i) => [placeOn(settings.axis, i + 1, state[name].seen, times?.[name] ?? NaN), state[name].above]);
  return (
    <Plot title="The heights of the three" x={axisOf(settings, times)} y={y}>
      {regimes.map(({ name, tone }) => (
        <Trail key={name} points={curve(name)} tone={tone} />
      ))}
      <Key
        entries={regimes.toReversed().map(({ name, tone, title }) => ({
          tone,
          mark: "line",
          text:
            times === null || settings.axis !== "seconds" ? title : `${title}: ${milliseconds(times[name])} an update`,
        }))}
      />
    </Plot>
  );
}

function placeOn(axis: Settings["axis"], updates: number, seen: number, seconds: number): number {
  if (axis === "updates") return updates;
  return axis === "samples" ? seen : updates * seconds;
}

function axisOf({ axis, count }: Settings, times: Times | null): Axis {
  if (axis === "updates") return { from: 1, to: updatesAtMost, label: "updates", log: true, ticks: 3 };
  if (axis === "samples")
    return { from: 1, to: updatesAtMost * Number(count), label: "samples seen", log: true, ticks: 4 };
  if (times === null) return { from: 1e-4, to: 1, label: "seconds: measuring in this browser …", log: true, ticks: 4 };
  const all = Object.values(times) as number[];
  return {
    from: Math.min(...all),
    to: updatesAtMost * Math.max(...all),
    label: "seconds, as this browser measured them just now",
    log: true,
    ticks: 4,
  };
}

const milliseconds = (seconds: number): string => `${Number((seconds * 1000).toPrecision(2))} ms`;
