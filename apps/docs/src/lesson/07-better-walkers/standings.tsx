import type { JSX } from "react";
import { numberText } from "../../figure/drawing/number-text.js";
import { panelSize } from "../../figure/drawing/plot.js";
import type { PanelProps } from "../../figure/figure-definition.js";
import { type Field, lanesOf, type View } from "./lane.js";

const [left, right, row] = [92, panelSize.width - 82, 45] as const;
const decades = { from: -10, to: 5 } as const;

/** How far a bar of a height reaches: evenly over the powers of ten. */
function reach(height: number): number {
  const share = (Math.log10(height) - decades.from) / (decades.to - decades.from);
  return Number.isNaN(share) ? 1 : Math.min(1, Math.max(0, share));
}

/** Who is who, and how high each stands, as bars over powers of ten. Below them what else is to be said. */
export function standings<State extends Field>(
  note: (state: State) => string = () => "",
): (props: PanelProps<State, View>) => JSX.Element {
  return function Standings({ states, at, settings }) {
    const state = states[at]!;
    const lanes = lanesOf(state, settings);
    return (
      <svg
        className="plot"
        viewBox={`0 0 ${panelSize.width} ${panelSize.height}`}
        role="group"
        aria-label="How high everyone stands"
      >
        {Object.entries(state.walkers).map(([name, { height }], i) => {
          const { tone, dimmed } = lanes.find((lane) => lane.name === name)!;
          const y = 34 + i * row;
          return (
            <g key={name} className={dimmed ? "dimmed" : undefined}>
              <text className="standing" x={left - 10} y={y} dy="0.35em" textAnchor="end">
                {name}
              </text>
              <rect className="groove" x={left} y={y - 9} width={right - left} height={18} rx={3} />
              <rect
                className={`bar ${tone}`}
                x={left}
                y={y - 9}
                width={reach(height) * (right - left)}
                height={18}
                rx={3}
              />
              <text className="standing" x={right + 10} y={y} dy="0.35em">
                {height < 1e9 ? numberText(height < 1e-12 ? 0 : height) : "gone"}
              </text>
            </g>
          );
        })}
        <text className="axis-label" x={left} y={34 + Object.keys(state.walkers).length * row + 4}>
          {note(state)}
        </text>
      </svg>
    );
  };
}
