// The file of a stack's line: V8 ends lines with file:1:2 or (file:1:2), others write name@file:1:2.
const place = /(?:^|[\s(@])((?:[a-z][a-z+.-]*:\/\/|\/|[A-Za-z]:[\\/])[^\s()]*?):\d+:\d+\)?$/;
/** Code made of a string, as a playground runs it. */
const evaluated = /(?:<anonymous>| > (?:Function|eval)):\d+:\d+\)?$/;

const plain = (url: string): string =>
  url
    .replace(/[?#].*$/, "")
    .replace(/^file:\/\//, "")
    .replaceAll("\\", "/");

/** Where this package's files are, as sources or as built; in a program's bundle, the bundle. */
const here = (): string =>
  plain(import.meta.url).replace(/(\/core\/(?:src|dist)\/)(?:autograd\/)?[\w-]+\.[jt]s$/, "$1");

function isOurs(file: string): boolean {
  const path = plain(file);
  const core = here();
  if (path.startsWith(core) || /\/@downhill\/[^/]+\/(?:src|dist)\//.test(path)) return true;
  // Where the packages stand beside each other in the monorepo.
  const beside = /^(.*\/)core\/(?:src|dist)\/$/.exec(core)?.[1];
  if (beside === undefined || !path.startsWith(beside)) return false;
  return /^(?:nn|optim|data|webgpu)\/(?:src|dist)\//.test(path.slice(beside.length));
}

/** Where the caller's code called Downhill. */
export interface UserFrame {
  /** The innermost frame of a stack outside Downhill's files, as the stack shows it. */
  readonly line: string;
  /** The method that was called there, where the stack tells. */
  readonly method: string | undefined;
}

/** Finds the caller's own line in a stack; undefined where all of it is ours, as when a bundle holds everything. */
export function userFrame(stack: string): UserFrame | undefined {
  let method: string | undefined;
  for (const line of stack.split("\n").map((line) => line.trim())) {
    if (evaluated.test(line)) return { line, method };
    const file = place.exec(line)?.[1];
    if (file === undefined) continue;
    if (!isOurs(file)) return { line, method };
    method = /^(?:at )?(?:new )?(?:\w+\.)*(\w+)(?: \[as \w+\] \(| \(|@)/.exec(line)?.[1];
  }
  return undefined;
}
