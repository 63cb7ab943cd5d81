import type { Node } from "./node.js";

// Ops that show the elements of their first source in other places.
const names: ReadonlySet<string> = new Set(["reshape", "permute", "expand", "slice", "windows"]);

/** Results of composites that are views only of what the composite made itself, and that nobody else holds. */
const own = new WeakSet<Node>();

/** Whether a Node shows another value that somebody may hold: what an in-place method must not change. */
export const isView = (node: Node): boolean => names.has(node.op.name) && !own.has(node);

/** Notes that a composite returns `node`, if all that it shows was recorded after the Node numbered `start`. */
export function noteOwn(node: Node, start: number): void {
  if (!names.has(node.op.name) || node.id <= start) return;
  let base = node;
  while (names.has(base.op.name) && base.srcs.length > 0) base = base.srcs[0]!;
  if (base.id > start) own.add(node);
}
