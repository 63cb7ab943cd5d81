/** What the documentation shows of the playground: code to edit, and the worker that runs it. Styles: `embed.css`. */
export { CodeEditor, type CodeEditorProps } from "./editor/code-editor.js";
export type { Mark } from "./editor/code-mirror.js";
export { highlight, type Token } from "./editor/highlight.js";
export { checkExercise } from "./runtime/check-exercise.js";
export { Stopped } from "./runtime/connection.js";
export type { EngineReport, LogLevel, Picture, RunEvent } from "./runtime/event.js";
export { type Fault, ProgramError } from "./runtime/fault.js";
export type { DeviceName, Verdict } from "./runtime/message.js";
export { type Experiment, type ExperimentOptions, openExperiment, type Stretch } from "./runtime/open-experiment.js";
export { type Outcome, type Run, type RunOptions, runProgram } from "./runtime/run-program.js";
export type { Shown } from "./runtime/shown.js";
