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

/**
 * Finds the caller's own line in a stack: the innermost frame outside Downhill's files. In a bundle all files are one,
 * so there it is undefined or a guess.
 */
export function userFrame(stack: string): string | undefined {
  for (const line of stack.split("\n")) {
    const file = place.exec(line.trim())?.[1];
    if (file !== undefined && !file.startsWith("node:") && !isOurs(file)) return line.trim();
  }
  return undefined;
}
