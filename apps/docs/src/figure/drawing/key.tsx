import type { JSX } from "react";
import type { Tone } from "./marks.js";
import { panelSize } from "./plot.js";

export interface KeyEntry {
  readonly tone: Tone;
  readonly mark: "dot" | "line";
  readonly text: string;
}

/** What the tones of a plot stand for, in its upper right corner or the lower one. */
export function Key({
  entries,
  corner = "upper",
}: {
  readonly entries: readonly KeyEntry[];
  readonly corner?: "upper" | "lower";
}): JSX.Element {
  const right = panelSize.width - 18;
  const top = corner === "upper" ? 24 : panelSize.height - 36 - 18 * entries.length;
  return (
    <g className="key">
      {entries.map(({ tone, mark, text }, i) => (
        <g key={text} transform={`translate(${right} ${top + i * 18})`}>
          {mark === "dot" ? (
            <circle className={`dot ${tone}`} r={4.5} cx={-7} />
          ) : (
            <line className={`segment ${tone}`} x1={-14} x2={0} />
          )}
          <text className="label" x={-20} dy="0.35em" textAnchor="end">
            {text}
          </text>
        </g>
      ))}
    </g>
  );
}
