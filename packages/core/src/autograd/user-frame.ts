const place = /((?:[a-z][a-z+.-]*:\/\/|\/|[A-Za-z]:[\\/])[^\s()]*?):\d+:\d+\)?$/;

// src/ or dist/ of this package, and of those that stand beside it, in the monorepo or under node_modules.
const core = new URL("..", import.meta.url).href.replace(/^file:\/\//, "");
const beside = /^(.*\/)core\/(?:src|dist)\/$/.exec(core)?.[1];

function isOurs(file: string): boolean {
  const path = file.replace(/^file:\/\//, "").replaceAll("\\", "/");
  if (path.startsWith(core) || /\/@downhill\/[^/]+\/(?:src|dist)\//.test(path)) return true;
  return (
    beside !== undefined &&
    path.startsWith(beside) &&
    /^(?:core|nn|optim|data|webgpu)\/(?:src|dist)\//.test(path.slice(beside.length))
  );
}

/** Where the caller's code called Downhill. */
export interface UserFrame {
  /** The innermost frame of a stack outside Downhill's files, as the stack shows it. */
  readonly line: string;
  /** The method that was called there, where the stack tells. */
  readonly method: string | undefined;
}

/**
 * Finds the caller's own line in a stack, or undefined if there is none. In a bundle all files are one: there it is a
 * guess.
 */
export function userFrame(stack: string): UserFrame | undefined {
  let method: string | undefined;
  for (const line of stack.split("\n")) {
    const file = place.exec(line.trim())?.[1];
    if (file === undefined || file.startsWith("node:")) continue;
    if (!isOurs(file)) return { line: line.trim(), method };
    method = /^(?:at )?(?:new )?(?:\w+\.)*(\w+)(?: \[as \w+\] \(| \(|@)/.exec(line.trim())?.[1];
  }
  return undefined;
}
