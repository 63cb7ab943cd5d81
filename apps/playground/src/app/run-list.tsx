import type { JSX } from "react";
import type { RunRecord } from "./run-record.js";

/** The runs so far: which of them lie over each other in the charts. */
export function RunList({
  records,
  running,
  hidden,
  onHide,
  onForget,
}: {
  readonly records: readonly RunRecord[];
  readonly running: RunRecord | null;
  readonly hidden: ReadonlySet<number>;
  readonly onHide: (hidden: ReadonlySet<number>) => void;
  readonly onForget: (record: RunRecord) => void;
}): JSX.Element | null {
  if (records.length < 2) return null;
  return (
    <ul className="runs" aria-label="Runs in the charts">
      {records.map((record) => (
        <li key={record.id} data-color={((record.id - 1) % 6) + 1}>
          <label>
            <input
              type="checkbox"
              checked={!hidden.has(record.id)}
              onChange={({ target }) => {
                const next = new Set(hidden);
                if (target.checked) next.delete(record.id);
                else next.add(record.id);
                onHide(next);
              }}
            />
            <span className="swatch" /> Run {record.id} <span className="quiet">{describe(record)}</span>
          </label>
          {record === running ? null : (
            <button type="button" aria-label={`Forget run ${record.id}`} onClick={() => onForget(record)}>
              ×
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

function describe({ title, device, outcome }: RunRecord): string {
  const how =
    outcome === null ? "running" : outcome.type === "finished" ? `${outcome.seconds.toFixed(1)} s` : outcome.type;
  return `${title}, ${device === "cpu" ? "CPU" : "WebGPU"}, ${how}`;
}
