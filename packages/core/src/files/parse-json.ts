import { show } from "../errors.js";
import { damaged } from "./stored-type.js";
import type { Fail } from "./file-error.js";

/**
 * Parses JSON of a file that nobody vouches for. What JSON.parse lets pass is an error: nesting beyond `depth`, a name that
 * stands twice in an object (the last would win), and `__proto__`, which plain assignment makes something else of.
 */
export function parseJson(text: string, depth: number, fail: Fail): unknown {
  checkNames(text, depth, fail);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw fail(`its JSON is broken: ${(error as Error).message}`, damaged);
  }
}

/** Goes through strings and brackets; where the text is no JSON, JSON.parse will say so. */
function checkNames(text: string, depth: number, fail: Fail): void {
  /** Names of each open object; null for an array. */
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "{" || character === "[") {
      open.push(character === "{" ? new Set() : null);
      if (open.length > depth) throw fail(`its JSON is nested more than ${depth} deep, at character ${at}`, damaged);
    } else if (character === "}" || character === "]") open.pop();
    else if (character === '"') {
      const end = stringEnd(text, at);
      if (open.at(-1) && followsColon(text, end)) checkName(text.slice(at, end), open.at(-1)!, fail);
      at = end - 1;
    }
  }
}

/** The place after the string that begins at `at`. */
function stringEnd(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '"') return i + 1;
    if (text[i] === "\\") i++;
  }
  return text.length;
}

function followsColon(text: string, at: number): boolean {
  while (text[at] === " " || text[at] === "\n" || text[at] === "\r" || text[at] === "\t") at++;
  return text[at] === ":";
}

function checkName(literal: string, names: Set<string>, fail: Fail): void {
  let name: string;
  try {
    name = JSON.parse(literal) as string;
  } catch {
    return;
  }
  if (names.has(name)) throw fail(`the name ${show(name)} stands twice in its JSON`, damaged);
  names.add(name);
  checkKey(name, fail);
}

/** Refuses the one name that an object of JavaScript cannot simply have. */
export function checkKey(name: string, fail: Fail): void {
  if (name === "__proto__")
    throw fail(`it has something named "__proto__", which no object here can hold`, "rename it");
}
