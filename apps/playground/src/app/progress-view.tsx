import type { JSX } from "react";
import type { RunRecord } from "./run-record.js";

/** How far the newest loop has come. */
export function ProgressView({ record }: { readonly record: RunRecord }): JSX.Element | null {
  const newest = [...record.progress].at(-1);
  if (newest === undefined) return null;
  const [label, { done, total }] = newest;
  const text = total === undefined ? String(done) : `${done} of ${total}`;
  return (
    <label className="progress">
      <span>{label || "Progress"}</span>
      <progress value={total === undefined ? undefined : done} max={total ?? 1} />
      <span>{text}</span>
    </label>
  );
}
