import type { JSX } from "react";
import { Key } from "../../figure/drawing/key.js";
import { Dot, Trail } from "../../figure/drawing/marks.js";
import { Plot } from "../../figure/drawing/plot.js";
import type { PanelProps, Point } from "../../figure/figure-definition.js";
import type { Settings, State } from "./order.experiment.js";
import { orders } from "./orders.js";

/** The average loss of each walker at the end of each epoch. */
export function ThreeLosses({ states, at }: PanelProps<State, Settings>): JSX.Element {
  const ends = states.slice(0, at + 1).filter((_, step) => step > 0 && step % 100 === 0);
  const last = Math.max(5, ends.length);
  return (
    <Plot
      title="The average loss after each epoch"
      x={{ from: 0.5, to: last + 0.5, label: "epoch", ticks: Math.min(last, 10) }}
      y={{ from: 0.5, to: 1000, label: "average loss after it", log: true }}
    >
      {orders.map(({ order, tone }) => {
        const points = ends.map((state, i): Point => [i + 1, state[order].average]);
        return (
          <g key={order}>
            <Trail points={points} tone={tone} />
            {points.map((point) => (
              <Dot key={point[0]} at={point} tone={tone} />
            ))}
          </g>
        );
      })}
      <Key entries={orders.map(({ name, tone }) => ({ tone, mark: "line", text: name }))} />
    </Plot>
  );
}
