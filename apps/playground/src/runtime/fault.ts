import type { Place, Transpiled } from "./transpile.js";

/** What went wrong in a program, as it can be sent and shown. */
export interface Fault {
  /** `ShapeError`, `TypeError`, … */
  readonly name: string;
  readonly message: string;
  /** Which of the modules: what the user wrote, or what checks it. */
  readonly module?: string;
  /** Where in it, counted from 1. */
  readonly line?: number;
  readonly column?: number;
}

/** A Fault as an Error: what the runtime's Promises reject with. */
export class ProgramError extends Error {
  override name = "ProgramError";
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.line === undefined ? fault.message : `${fault.message} (line ${fault.line})`);
    this.fault = fault;
  }
}

/** `async function anonymous(…\n) {\n`: the lines that a Function has before its body, in every engine. */
const header = 2;

/**
 * What stands before a module's code, in the same line. Its own block: `const progress = …` hides the name in the scope,
 * where in the body of the function itself it would be declared twice.
 */
export const opening: string = '"use strict";{';

/**
 * Finds the user's line in an error: the innermost frame of the stack that lies in one of the modules. Engines write
 * frames as `at f (program.ts:3:7)` or `f@program.ts:3:7`; the name comes from the module's sourceURL.
 */
export function faultOf(error: unknown, modules: ReadonlyMap<string, Transpiled>): Fault {
  if (error instanceof ProgramError) return error.fault;
  const { name, message, stack, loc } = read(error);
  const [first] = modules.keys();
  // sucrase counts columns from 1, and says the place again in the message
  if (loc !== undefined && first !== undefined)
    return { name, message: withoutPlace(message), module: first, line: loc.line, column: loc.column };
  for (const frame of stack.split("\n")) {
    for (const [module, transpiled] of modules) {
      const place = placeIn(frame, module);
      const found = place === null ? null : (transpiled.original(place) ?? { line: place.line, column: 1 });
      if (found !== null) return { name, message, module, ...found };
    }
  }
  return { name, message };
}

function placeIn(frame: string, module: string): Place | null {
  const at = frame.lastIndexOf(`${module}:`);
  if (at < 0) return null;
  const numbers = /^(\d+):(\d+)/.exec(frame.slice(at + module.length + 1));
  if (numbers === null) return null;
  const line = Number(numbers[1]) - header;
  return line < 1 ? null : { line, column: Number(numbers[2]) - (line === 1 ? opening.length : 0) };
}

interface Read {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  readonly loc?: Place;
}

/** Anything can be thrown; what has a name and a message counts as an error, whichever realm made it. */
function read(error: unknown): Read {
  if (typeof error !== "object" || error === null) return { name: "Error", message: String(error), stack: "" };
  const { name, message, stack, loc } = error as Partial<Record<"name" | "message" | "stack" | "loc", unknown>>;
  const text = (value: unknown, otherwise: string): string => (typeof value === "string" ? value : otherwise);
  const place = loc as Partial<Place> | undefined;
  return {
    name: text(name, "Error"),
    message: text(message, ""),
    stack: text(stack, ""),
    ...(typeof place?.line === "number" && typeof place.column === "number"
      ? { loc: { line: place.line, column: place.column } }
      : {}),
  };
}

const withoutPlace = (message: string): string =>
  message.replace(/^Error transforming [^:]*: /, "").replace(/ \(\d+:\d+\)$/, "");
