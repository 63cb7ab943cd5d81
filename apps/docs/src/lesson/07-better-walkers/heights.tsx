import type { JSX } from "react";
import { Curve } from "../../figure/drawing/marks.js";
import { Plot } from "../../figure/drawing/plot.js";
import type { PanelProps } from "../../figure/figure-definition.js";
import { type Field, lanesOf, type View } from "./lane.js";

// What is lower than this is the bottom, for everyone who looks.
const lowest = 1e-8;

/** Everyone's height above the lowest point, step by step. */
export function heightsOver(steps: number, highest: number): (props: PanelProps<Field, View>) => JSX.Element {
  return function Heights({ states, at, settings }) {
    const lanes = lanesOf(states[0]!, settings);
    return (
      <Plot
        title="Everyone's height, step by step"
        x={{ from: 0, to: steps, label: "step" }}
        y={{ from: lowest, to: highest, label: "height", log: true, ticks: 3 }}
      >
        {lanes.map(({ name, tone, dimmed }) => (
          <g key={name} className={dimmed ? "dimmed" : undefined}>
            <Curve
              values={states.slice(0, at + 1).map(({ walkers }) => Math.max(walkers[name]!.height, lowest / 10))}
              tone={tone}
            />
          </g>
        ))}
      </Plot>
    );
  };
}
