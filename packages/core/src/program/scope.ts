/**
 * Whose code is running: the caller's (depth 0) or an op's, a Module's, an optimizer's or backward's (deeper). Nodes
 * recorded inside are internal unless returned. Scopes are synchronous, so an `await` never leaves one open.
 */
let depth = 0;
/** Where the caller's code is: deeper while a compiled function is traced, for nothing in it is visible. */
let floor = 0;

/** Whether library code, not the caller's, is recording. */
export const isInside = (): boolean => depth > 0;

/** Opens a scope; pass the result to `leave` in a `finally`. */
export function enter(): number {
  return depth++;
}

/** Closes the scope that `enter` opened, also those left open inside it by an exception. */
export function leave(outer: number): void {
  depth = outer;
}

/** Runs caller's code (a hook, a custom function, a closure) from inside a scope: what it records is its own. */
export function outside<T>(fn: () => T): T {
  const saved = depth;
  depth = floor;
  try {
    return fn();
  } finally {
    depth = saved;
  }
}

/** Runs `fn` as one scope: what the caller's code records in it is internal too. */
export function asOneScope<T>(fn: () => T): T {
  const saved = depth;
  depth = floor = 1;
  try {
    return fn();
  } finally {
    depth = saved;
    floor = 0;
  }
}
