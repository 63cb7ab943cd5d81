import type { JSX } from "react";
import { numberText } from "../../figure/drawing/number-text.js";
import { panelSize } from "../../figure/drawing/plot.js";
import type { PanelProps } from "../../figure/figure-definition.js";
import type { Settings, State } from "./fit.experiment.js";
import { megabytes } from "./megabytes.js";

const [left, right] = [128, panelSize.width - 70] as const;

/** What the memory of a step on the CPU is for. */
export function Shares({ states, at }: PanelProps<State, Settings>): JSX.Element {
  const { size, cpu } = states[at]!;
  const { state, batch, arena, results, peak } = cpu.planned;
  const rows = [
    ["weights and Adam", state],
    ["the batch", batch],
    ["intermediates", arena],
    ["gradients, loss", results],
  ] as const;
  return (
    <svg
      className="plot"
      viewBox={`0 0 ${panelSize.width} ${panelSize.height}`}
      role="group"
      aria-label="What the memory is for"
    >
      <text className="standing" x={left} y={32} dy="0.35em">
        {`batch of ${size}: ${numberText(megabytes(peak))} MB`}
      </text>
      {rows.map(([name, bytes], i) => {
        const y = 80 + i * 52;
        return (
          <g key={name}>
            <text className="standing" x={left - 10} y={y} dy="0.35em" textAnchor="end">
              {name}
            </text>
            <rect className="groove" x={left} y={y - 10} width={right - left} height={20} rx={3} />
            <rect
              className="bar model"
              x={left}
              y={y - 10}
              width={(bytes / peak) * (right - left)}
              height={20}
              rx={3}
            />
            <text className="standing" x={right + 8} y={y} dy="0.35em">
              {`${Math.round((100 * bytes) / peak)} %`}
            </text>
          </g>
        );
      })}
    </svg>
  );
}
