import type { Answers, Question } from "./question.js";

let worker: Worker | null = null;
let asked = 0;
const waiting = new Map<number, (value: unknown) => void>();

/** Asks the worker that knows TypeScript, which is started by the first question: that is about a megabyte to load. */
export function askTypeScript<Type extends Question["type"]>(
  question: Question & { readonly type: Type },
): Promise<Answers[Type] | null> {
  if (worker === null) {
    worker = new Worker(new URL("./assist.worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data: { id, value } }: MessageEvent<{ id: number; value: unknown }>) => {
      waiting.get(id)?.(value);
      waiting.delete(id);
    };
    // Without it the editor edits: no completion, no red lines.
    worker.onerror = (event) => {
      event.preventDefault();
      for (const resolve of waiting.values()) resolve(null);
      waiting.clear();
    };
  }
  const id = ++asked;
  return new Promise((resolve) => {
    waiting.set(id, (value) => resolve(value as Answers[Type] | null));
    worker?.postMessage({ id, question });
  });
}
