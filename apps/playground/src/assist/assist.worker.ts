import { createSystem, createVirtualTypeScriptEnvironment } from "@typescript/vfs";
import ts from "typescript";
import { files } from "virtual:declarations";
import type { Answers, Meaning, Problem, Proposal, Question } from "./question.js";

/** Answers with the types of the packages as they are published. */
const program = "/program.ts";
const system = createSystem(new Map(Object.entries(files)));
const environment = createVirtualTypeScriptEnvironment(system, ["/stage-globals.d.ts", "/host.d.ts"], ts, {
  target: ts.ScriptTarget.ES2022,
  lib: ["lib.es2023.d.ts", "lib.esnext.disposable.d.ts"],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  moduleDetection: ts.ModuleDetectionKind.Force,
  types: [],
  strict: true,
  noImplicitAny: false, // short programs are welcome here
  skipLibCheck: true,
});
const { languageService } = environment;

function show(text: string): void {
  if (environment.getSourceFile(program) === undefined) environment.createFile(program, text || " ");
  else environment.updateFile(program, text || " ");
}

function check(): Problem[] {
  const found = [
    ...languageService.getSyntacticDiagnostics(program),
    ...languageService.getSemanticDiagnostics(program),
  ];
  return found.map(({ start = 0, length = 0, messageText, category }) => ({
    from: start,
    to: start + length,
    message: ts.flattenDiagnosticMessageText(messageText, "\n"),
    severity:
      category === ts.DiagnosticCategory.Error
        ? "error"
        : category === ts.DiagnosticCategory.Warning
          ? "warning"
          : "info",
  }));
}

function complete(position: number): Proposal[] {
  const found = languageService.getCompletionsAtPosition(program, position, {});
  return (found?.entries ?? []).map(({ name, kind, sortText }) => ({ label: name, type: kind, order: sortText }));
}

function explain(position: number): Meaning | null {
  const found = languageService.getQuickInfoAtPosition(program, position);
  if (found === undefined) return null;
  const { start, length } = found.textSpan;
  return {
    from: start,
    to: start + length,
    type: ts.displayPartsToString(found.displayParts),
    documentation: ts.displayPartsToString(found.documentation),
  };
}

function answer(question: Question): Answers[keyof Answers] {
  show(question.text);
  if (question.type === "check") return check();
  return question.type === "complete" ? complete(question.position) : explain(question.position);
}

const worker = globalThis as unknown as {
  postMessage(message: { id: number; value: unknown }): void;
  onmessage: ((event: MessageEvent<{ id: number; question: Question }>) => void) | null;
};
worker.onmessage = ({ data: { id, question } }) => {
  let value: Answers[keyof Answers] = null;
  try {
    value = answer(question);
  } catch {
    // The service fails on some half-written programs; the next letter asks again.
  }
  worker.postMessage({ id, value });
};
