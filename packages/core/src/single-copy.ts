import { DownhillError } from "./errors.js";

const key = Symbol.for("downhill.core");
const shared = globalThis as { [key]?: string };
// A bundler or a dev server may add a query when it loads the same file again; that is no second copy.
const here = import.meta.url.replace(/[?#].*$/, "");

/** Two copies of core would not know each other's tensors: say so at once, naming both. */
if (shared[key] !== undefined && shared[key] !== here) {
  throw new DownhillError(
    `@downhill/core is loaded twice: from ${shared[key]} and from ${here}`,
    "keep one: the other @downhill packages take core as a peer dependency (npm ls @downhill/core, then npm dedupe)",
  );
}
shared[key] = here;
