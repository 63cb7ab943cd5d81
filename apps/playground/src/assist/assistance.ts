import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import { typescriptLanguage } from "@codemirror/lang-javascript";
import { type Diagnostic, forceLinting, linter, lintKeymap } from "@codemirror/lint";
import type { Extension } from "@codemirror/state";
import { EditorView, hoverTooltip, keymap, type Tooltip } from "@codemirror/view";
import { askTypeScript } from "./ask-typescript.js";

/** Completion, type errors and meanings from the packages' own declarations, from when the editor is first entered. */
export function assistance(): readonly Extension[] {
  let awake = false;

  const check = async (view: EditorView): Promise<readonly Diagnostic[]> => {
    if (!awake) return [];
    const text = view.state.doc.toString();
    const problems = await askTypeScript({ type: "check", text });
    const inside = (position: number): number => Math.min(position, view.state.doc.length);
    return (problems ?? []).map(({ from, to, message, severity }) => ({
      from: inside(from),
      to: inside(to),
      message,
      severity,
    }));
  };

  return [
    EditorView.domEventHandlers({
      focus: (_, view) => {
        if (awake) return;
        awake = true;
        forceLinting(view);
      },
    }),
    linter(check, { delay: 600, needsRefresh: () => awake }),
    keymap.of(lintKeymap),
    typescriptLanguage.data.of({ autocomplete: complete }),
    hoverTooltip(explain),
  ];
}

async function complete(context: CompletionContext): Promise<CompletionResult | null> {
  const word = context.matchBefore(/[\w$]*/);
  const before = context.matchBefore(/[.\w$"'/@]+/);
  if (word === null || (!context.explicit && before === null)) return null;
  const text = context.state.doc.toString();
  const proposals = await askTypeScript({ type: "complete", text, position: context.pos });
  if (proposals === null || proposals.length === 0 || context.aborted) return null;
  const options = proposals.map(({ label, type, order }): Completion => ({
    label,
    type: kinds[type] ?? "variable",
    boost: 20 - Number(order) || 0,
  }));
  return { from: word.from, options, validFor: /^[\w$]*$/ };
}

/** TypeScript's kinds that have another name here. */
const kinds: Readonly<Record<string, string>> = {
  method: "method",
  property: "property",
  getter: "property",
  function: "function",
  class: "class",
  interface: "interface",
  type: "type",
  keyword: "keyword",
  module: "namespace",
  const: "constant",
};

async function explain(view: EditorView, position: number): Promise<Tooltip | null> {
  const meaning = await askTypeScript({ type: "explain", text: view.state.doc.toString(), position });
  if (meaning === null) return null;
  return {
    pos: meaning.from,
    end: meaning.to,
    create: () => {
      const dom = document.createElement("div");
      dom.className = "editor-meaning";
      const type = dom.appendChild(document.createElement("code"));
      type.textContent = meaning.type;
      if (meaning.documentation !== "")
        dom.appendChild(document.createElement("p")).textContent = meaning.documentation;
      return { dom };
    },
  };
}
