import type { Node } from "./node.js";

/** Whether a Node shows another value that somebody may hold: what an in-place method must not change. */
export const isView = (node: Node): boolean => node.op.isView && !node.isOwn;

/** Notes that a composite returns `node`, if all that it shows was recorded after the Node numbered `start`. */
export function noteOwn(node: Node, start: number): void {
  if (!node.op.isView || node.id <= start) return;
  let base = node;
  while (base.op.isView && base.srcs.length > 0) base = base.srcs[0]!;
  node.isOwn = base.id > start;
}
