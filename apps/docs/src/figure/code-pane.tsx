import { CodeEditor } from "playground/embed";
import "playground/embed.css";
import { type JSX, useState } from "react";
import { PlaygroundLink } from "./playground-link.js";
import type { Failure } from "./player.js";

/** Code to edit and to run with a button or Ctrl-Enter; where it failed is marked. */
export function CodePane({
  label,
  text,
  original,
  failure,
  runName,
  onChange,
  onRun,
  programOf,
}: {
  readonly label: string;
  /** The code that ran last. */
  readonly text: string;
  /** What it was before anyone edited it. */
  readonly original: string;
  readonly failure: Failure | null;
  /** What the button says. */
  readonly runName: string;
  readonly onChange?: (text: string) => void;
  readonly onRun: (text: string) => void;
  /** What the playground is to run for the code: then there is a link to it. */
  readonly programOf?: (text: string) => string;
}): JSX.Element {
  const [draft, setDraft] = useState(text.trimEnd());
  const edit = (next: string): void => {
    setDraft(next);
    onChange?.(next);
  };
  const { line, message } = failure ?? {};
  return (
    <div className="code-pane">
      <CodeEditor
        label={label}
        value={draft}
        mark={line === undefined ? null : { line, message: message! }}
        onChange={edit}
        onRun={() => onRun(draft)}
      />
      <div className="code-keys">
        <button type="button" onClick={() => onRun(draft)}>
          {runName}
        </button>
        {draft !== original.trimEnd() && (
          <button type="button" onClick={() => edit(original.trimEnd())}>
            Put the code back
          </button>
        )}
        {programOf !== undefined && <PlaygroundLink program={() => programOf(draft)} />}
      </div>
    </div>
  );
}
