import type { JSX } from "react";
import { panelSize } from "../../figure/drawing/plot.js";
import type { PanelProps } from "../../figure/figure-definition.js";
import type { Settings, State } from "./ledger.experiment.js";

const inRow = 10;
const [left, top, width, height] = [20, 44, 36, 26];

/** The epoch's samples in the order in which they came, ten in a row, and who was in a batch together. */
export function Ledger({ states, at, settings }: PanelProps<State, Settings>): JSX.Element {
  const { epoch, batches, missed } = states[at]!;
  const last = batches.length - 1;
  const cells = batches.flatMap((batch, b) =>
    batch.map((sample) => ({ sample, kind: b === last ? "now" : b % 2 === 0 ? "even" : "odd" })),
  );
  const leftOut = (missed ?? []).map((sample) => ({ sample, kind: "missed" }));
  const empty = Array.from({ length: 100 - cells.length - leftOut.length }, () => ({ sample: null, kind: "waiting" }));
  const title = epoch === 0 ? "Before the first batch" : titleOf(epoch, batches, settings, missed);
  return (
    <svg
      className="plot"
      viewBox={`0 0 ${panelSize.width} ${panelSize.height}`}
      role="group"
      aria-label={`The ledger of an epoch. ${title}`}
    >
      <g aria-hidden="true">
        <text className="cells-title" x={left} y={24}>
          {title}
        </text>
        {[...cells, ...leftOut, ...empty].map(({ sample, kind }, i) => (
          <g
            key={i}
            className={`cell ${kind}`}
            transform={`translate(${left + (i % inRow) * width} ${top + Math.floor(i / inRow) * height})`}
          >
            <rect x={0.75} y={1.5} width={width - 1.5} height={height - 3} rx={3} />
            <text x={width / 2} y={height / 2} dy="0.35em" textAnchor="middle">
              {sample}
            </text>
          </g>
        ))}
      </g>
    </svg>
  );
}

function titleOf(
  epoch: number,
  batches: readonly (readonly number[])[],
  { batchSize }: Settings,
  missed: readonly number[] | null,
): string {
  const size = batches.at(-1)!.length;
  const short = size < batchSize ? ", the short one" : "";
  const left = missed === null || missed.length === 0 ? "" : `; ${missed.length} left out`;
  return `Epoch ${epoch}, batch ${batches.length}: ${size} ${size === 1 ? "sample" : "samples"}${short}${left}`;
}
