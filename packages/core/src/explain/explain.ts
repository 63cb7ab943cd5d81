import { deviceNames, getDevice } from "../backend/device.js";
import { checkFunction, checkOptions, TraceError } from "../errors.js";
import { flushAll } from "../program/flush.js";
import { isTracing } from "../program/trace.js";
import type { ExplainedProgram } from "./explanation.js";
import { formatExplanation } from "./explanation-text.js";
import { ProgramWatch } from "./program-watch.js";

/** The options of `explain`. */
export interface ExplainOptions {
  /** Write the explanation to the console. Default: true. */
  readonly print?: boolean;
}

/** The Programs that a function ran, in the order they ran first. */
export class Explanation<T = unknown> {
  readonly programs: readonly ExplainedProgram[];
  /** What the function returned. */
  readonly result: T;

  constructor(programs: readonly ExplainedProgram[], result: T) {
    this.programs = programs;
    this.result = result;
  }

  /** A table for a terminal of 100 columns. */
  toString(): string {
    return formatExplanation(this.programs);
  }
}

/** The host's console, which not every host declares. */
interface Console {
  log(text: string): void;
}

/**
 * Runs a function and prints what it computes: each Program with the kernels that its ops fused into, their loops,
 * operations, bytes and shapes, whether it was compiled anew, and what memory it takes. What was pending before is
 * computed first, and what the function leaves pending belongs to it. Also gives all that as data.
 *
 * `64 × 256` are the loops of a kernel; `64 over 10` combines ten turns into each of 64 results. In the last line of a
 * kernel stand the values it reads and writes: `in1` is an input of the Program, `out1` a result, `t1` a value that the
 * Program keeps to itself. A dtype is shown where it is not float32. A small Program may be interpreted the first
 * time it runs, so explain a step that has run before.
 *
 * @param fn Synchronous or not; every Program that runs until it is done is its own.
 * @throws TraceError inside a compiled function.
 *
 * @example
 * const x = rand([64, 10]);
 * const sample = () => x.softmax(1).amax(1).data();
 * await sample();
 * const { programs } = await explain(sample);
 * console.log(programs.length, programs[0]!.nodes, programs[0]!.kernels.length); // 1 6 3
 */
export function explain<T>(fn: () => Promise<T>, options?: ExplainOptions): Promise<Explanation<T>>;
export function explain<T>(fn: () => T, options?: ExplainOptions): Explanation<T>;
export function explain<T>(
  fn: () => T | Promise<T>,
  options: ExplainOptions = {},
): Explanation<T> | Promise<Explanation<T>> {
  checkFunction("explain", fn, "write explain(() => step())");
  checkOptions("explain", options, ["print"]);
  if (isTracing())
    throw new TraceError("explain: stands in a compiled function", "explain the call of it: explain(() => step(x))");
  flushEverything();
  const watch = new ProgramWatch();
  const finish = (result: T): Explanation<T> => {
    try {
      flushEverything();
    } finally {
      watch.end();
    }
    const explanation = new Explanation(watch.programs(), result);
    if (options.print !== false) (globalThis as { console?: Console }).console?.log(explanation.toString());
    return explanation;
  };
  try {
    const result = fn();
    if (!(result instanceof Promise)) return finish(result);
    return result.then(finish, (error: unknown) => {
      watch.end();
      throw error;
    });
  } catch (error) {
    watch.end();
    throw error;
  }
}

function flushEverything(): void {
  for (const name of deviceNames()) flushAll(getDevice(name));
}
