import { TraceError } from "../errors.js";
import type { Node } from "../program/node.js";
import { isTracing, Trace, traced } from "../program/trace.js";
import type { Tensor } from "../tensor.js";

/** What a function has recorded, and where its run-time numbers come from. */
export interface TracedNumbers<T> {
  readonly result: T;
  /** The very function that computes the number that a "scalar" of `recordedGraph` stands for; undefined for others. */
  readonly sourceOf: (scalar: Tensor) => (() => number) | undefined;
}

/**
 * Runs a function that records, and remembers what computes each number that it passes at run time (`scalar` with a
 * function): what `explainStep` of optim stands on. Variables that the function changes stay changed.
 *
 * @throws TraceError inside a compiled function, and when the function reads a value.
 */
export function traceNumbers<T>(fn: () => T): TracedNumbers<T> {
  if (isTracing()) throw new TraceError("traceNumbers: stands in a compiled function", "call it outside");
  const trace = new Trace();
  const result = traced(trace, fn);
  const sources = new Map<Node, () => number>();
  for (const step of trace.steps) {
    // Numbers that come several at a time are draws and the like: no formula of settings.
    if (step.kind === "number" && step.nodes.length === 1) sources.set(step.nodes[0]!, step.read as () => number);
  }
  return { result, sourceOf: ({ node }) => sources.get(node) };
}
