import { type JSX, memo, useLayoutEffect, useRef, useState } from "react";
import type { Fault } from "../runtime/fault.js";
import type { Shown } from "../runtime/shown.js";
import type { Line, RunRecord } from "./run-record.js";

const first = 200;

/** What a run has logged, the newest last, and how it ended. Stays at the end unless somebody has scrolled up. */
export function ConsoleView({
  record,
  onGoTo,
}: {
  readonly record: RunRecord | null;
  /** Goes to a line of the program. */
  readonly onGoTo: (fault: Fault) => void;
}): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const [shown, setShown] = useState(first);

  useLayoutEffect(() => {
    const element = place.current;
    if (element !== null && atEnd.current) element.scrollTop = element.scrollHeight;
  });

  const lines = record?.lines ?? [];
  const hidden = Math.max(0, lines.length - shown);
  return (
    <div
      className="console"
      ref={place}
      role="log"
      aria-label="Console"
      aria-live="off"
      tabIndex={0}
      onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
        atEnd.current = scrollTop + clientHeight > scrollHeight - 30;
      }}
    >
      {record === null ? <p className="quiet">What the program prints stands here.</p> : null}
      {record !== null && record.dropped > 0 ? (
        <p className="quiet">{record.dropped.toLocaleString("en")} earlier lines came too fast to be kept.</p>
      ) : null}
      {hidden > 0 ? (
        <button type="button" onClick={() => setShown(shown + 1000)}>
          Show {Math.min(hidden, 1000)} earlier lines
        </button>
      ) : null}
      {lines.slice(-shown).map((line) => (
        <LineView key={line.id} line={line} />
      ))}
      <Ending record={record} onGoTo={onGoTo} />
    </div>
  );
}

const LineView = memo(function LineView({ line }: { readonly line: Line }): JSX.Element {
  return (
    <div className={`line line-${line.level}`}>
      {line.values.map((value, i) => (
        <ValueView key={i} value={value} />
      ))}
    </div>
  );
});

/** A value's text; under a triangle what is in it. */
function ValueView({
  value: { kind, text, parts },
  name,
}: {
  readonly value: Shown;
  readonly name?: string;
}): JSX.Element {
  const label = name === undefined ? null : <span className="part-name">{name}: </span>;
  if (parts === undefined || parts.length === 0) {
    return (
      <span className={`value value-${kind}`}>
        {label}
        {text}
      </span>
    );
  }
  return (
    <details className={`value value-${kind}`}>
      <summary>
        {label}
        {text}
      </summary>
      <div className="parts">
        {parts.map(([part, inside]) => (
          <ValueView key={part} name={part} value={inside} />
        ))}
      </div>
    </details>
  );
}

function Ending({
  record,
  onGoTo,
}: {
  readonly record: RunRecord | null;
  readonly onGoTo: (fault: Fault) => void;
}): JSX.Element | null {
  const outcome = record?.outcome ?? null;
  if (outcome === null) return null;
  if (outcome.type === "finished") return <p className="ending">Finished after {seconds(outcome.seconds)}.</p>;
  if (outcome.type === "stopped") return <p className="ending">Stopped.</p>;
  const { fault } = outcome;
  return (
    <div className="line line-error" role="alert">
      <span className="value">
        {fault.name}: {fault.message}
      </span>
      {fault.line === undefined ? null : (
        <button type="button" onClick={() => onGoTo(fault)}>
          Go to line {fault.line}
        </button>
      )}
    </div>
  );
}

const seconds = (value: number): string => (value < 1 ? `${Math.round(1000 * value)} ms` : `${value.toFixed(1)} s`);
