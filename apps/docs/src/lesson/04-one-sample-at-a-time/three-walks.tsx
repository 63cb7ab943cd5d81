import type { JSX } from "react";
import { Contours } from "../../figure/drawing/contours.js";
import { Dot, Trail } from "../../figure/drawing/marks.js";
import { Plot } from "../../figure/drawing/plot.js";
import type { PanelProps } from "../../figure/figure-definition.js";
import type { Settings, State } from "./order.experiment.js";
import { orders } from "./orders.js";

const x = { from: 4, to: 6.5, label: "weight w" };
const y = { from: 2, to: 9, label: "bias b" };
const spanX = [4, 6.5] as const;
const spanY = [2, 9] as const;
const levels = [1, 1.5, 2, 3, 4, 6, 8, 12, 16, 32, 64];

/** The last hundred steps of each walker, near the valley's floor. */
export function ThreeWalks({ states, at }: PanelProps<State, Settings>): JSX.Element {
  const { land } = states[0]!;
  const recent = states.slice(Math.max(0, at - 100), at + 1);
  return (
    <Plot title="The walkers' last hundred steps" x={x} y={y}>
      {land !== null && <Contours heights={land} levels={levels} x={spanX} y={spanY} />}
      {orders.map(({ order, tone }) => (
        <g key={order}>
          <Trail points={recent.map((state) => state[order].place)} tone={tone} />
          <Dot at={states[at]![order].place} tone={tone} size={6} />
        </g>
      ))}
    </Plot>
  );
}
