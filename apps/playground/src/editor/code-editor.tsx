import type { Extension } from "@codemirror/state";
import { type JSX, useEffect, useRef, useState } from "react";
import type { Mark, MountedEditor } from "./code-mirror.js";
import { highlight } from "./highlight.js";

export interface CodeEditorProps {
  /** The code shown. What the user types is told to `onChange`; another `value` takes its place. */
  readonly value: string;
  readonly onChange?: (text: string) => void;
  /** Ctrl-Enter or Cmd-Enter. */
  readonly onRun?: () => void;
  /** What screen readers call it. */
  readonly label: string;
  /** A line that is marked until it is edited. */
  readonly mark?: Mark | null;
  readonly readOnly?: boolean;
  /** Load the editor at once, not when it is first entered. */
  readonly eager?: boolean;
  /** More of CodeMirror, loaded together with it. */
  readonly extensions?: () => Promise<readonly Extension[]>;
}

/**
 * Code to read and edit: highlighted text, which becomes a CodeMirror editor when it is first entered (that is 150 kB).
 * Needs `embed.css`.
 */
export function CodeEditor(props: CodeEditorProps): JSX.Element {
  const { value, label, mark = null, eager = false } = props;
  const place = useRef<HTMLDivElement>(null);
  const editor = useRef<MountedEditor | null>(null);
  const latest = useRef(props);
  const typed = useRef(value);
  const [wanted, setWanted] = useState(eager);
  const [mounted, setMounted] = useState(false);

  useEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    if (!wanted) return;
    let gone = false;
    const { extensions } = latest.current;
    void Promise.all([import("./code-mirror.js"), extensions?.() ?? []]).then(([{ mountEditor }, more]) => {
      if (gone || place.current === null) return;
      editor.current = mountEditor(place.current, {
        text: latest.current.value,
        label: latest.current.label,
        readOnly: latest.current.readOnly ?? false,
        extensions: more,
        onChange: (text) => {
          typed.current = text;
          latest.current.onChange?.(text);
        },
        onRun: () => latest.current.onRun?.(),
      });
      editor.current.setMark(latest.current.mark ?? null);
      const entered = place.current.querySelector(".editor-waiting")?.matches(":focus-within") ?? false;
      setMounted(true);
      if (entered) editor.current.view.focus();
    });
    return () => {
      gone = true;
      editor.current?.destroy();
      editor.current = null;
      setMounted(false);
    };
  }, [wanted]);

  useEffect(() => {
    if (value === typed.current) return;
    typed.current = value;
    editor.current?.setText(value);
  }, [value]);

  useEffect(() => {
    editor.current?.setMark(mark);
  }, [mark]);

  return (
    <div className="editor" ref={place}>
      {mounted ? null : (
        <pre
          className="editor-waiting"
          tabIndex={0}
          role="textbox"
          aria-multiline="true"
          aria-readonly="true"
          aria-label={label}
          onFocus={() => setWanted(true)}
          onPointerDown={() => setWanted(true)}
        >
          <code>{coloured(value, mark)}</code>
        </pre>
      )}
    </div>
  );
}

/** The code line by line, so that lines can have numbers and marks. */
function coloured(code: string, mark: Mark | null): JSX.Element[] {
  const lines: JSX.Element[][] = [[]];
  for (const { text, kind } of highlight(code)) {
    for (const [i, part] of text.split("\n").entries()) {
      if (i > 0) lines.push([]);
      const line = lines.at(-1)!;
      if (part !== "") line.push(kind === undefined ? <span key={line.length}>{part}</span> : <span key={line.length} className={kind}>{part}</span>); // prettier-ignore
    }
  }
  return lines.map((line, i) => (
    <span key={i} className={mark?.line === i + 1 ? "editor-line editor-fault" : "editor-line"}>
      {line}
      {"\n"}
    </span>
  ));
}
