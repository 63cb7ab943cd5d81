import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { javascript } from "@codemirror/lang-javascript";
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { EditorState, type Extension, StateEffect, StateField } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  drawSelection,
  EditorView,
  highlightActiveLine,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";

/** A line to mark, counted from 1, and why. */
export interface Mark {
  readonly line: number;
  readonly message: string;
}

export interface EditorOptions {
  readonly text: string;
  /** What screen readers call it. */
  readonly label: string;
  readonly readOnly: boolean;
  readonly extensions: readonly Extension[];
  readonly onChange: (text: string) => void;
  readonly onRun: () => void;
}

export interface MountedEditor {
  readonly view: EditorView;
  setText(text: string): void;
  setMark(mark: Mark | null): void;
  destroy(): void;
}

const setMark = StateEffect.define<Mark | null>();

/** The marked line, which goes once it is edited. */
const marked = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(lines, { effects, docChanged, state }) {
    for (const effect of effects) {
      if (!effect.is(setMark)) continue;
      const mark = effect.value;
      if (mark === null || mark.line < 1 || mark.line > state.doc.lines) return Decoration.none;
      const attributes = { title: mark.message };
      return Decoration.set(
        Decoration.line({ class: "editor-fault", attributes }).range(state.doc.line(mark.line).from),
      );
    }
    return docChanged ? Decoration.none : lines;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** Puts a CodeMirror editor for TypeScript into an element. Ctrl-Enter (Cmd-Enter) runs; Esc, then Tab leaves it. */
export function mountEditor(parent: HTMLElement, options: EditorOptions): MountedEditor {
  const { text, label, readOnly, extensions, onChange, onRun } = options;
  let quiet = false; // while the text is set from outside
  const run = {
    key: "Mod-Enter",
    run: () => {
      onRun();
      return true;
    },
  };
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        history(),
        drawSelection(),
        indentOnInput(),
        indentUnit.of("  "),
        bracketMatching(),
        closeBrackets(),
        autocompletion(),
        highlightActiveLine(),
        javascript({ typescript: true }),
        syntaxHighlighting(classHighlighter),
        marked,
        keymap.of([
          run,
          ...closeBracketsKeymap,
          ...completionKeymap,
          ...defaultKeymap.filter(({ key }) => key !== "Mod-Enter"),
          ...historyKeymap,
          indentWithTab,
        ]),
        EditorView.contentAttributes.of({ "aria-label": label, "aria-multiline": "true", tabindex: "0" }),
        EditorState.readOnly.of(readOnly),
        EditorView.updateListener.of(({ docChanged, state }) => {
          if (docChanged && !quiet) onChange(state.doc.toString());
        }),
        ...extensions,
      ],
    }),
  });
  return {
    view,
    setText(next) {
      if (next === view.state.doc.toString()) return;
      quiet = true;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } });
      quiet = false;
    },
    setMark(mark) {
      view.dispatch({ effects: setMark.of(mark) });
    },
    destroy: () => view.destroy(),
  };
}
