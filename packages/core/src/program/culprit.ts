import type { IndexError } from "../errors.js";
import { outOfRange } from "../reference/indexing.js";
import { broadcast, type Shape, sizeOf } from "../shape.js";
import { nextMark, type Node } from "./node.js";

/** A Node that no run can compute, because it reads or writes out of range. */
export interface Culprit {
  readonly node: Node;
  readonly error: IndexError;
  /** Its index, and all that this comes from. */
  readonly origins: ReadonlySet<Node>;
}

/** Gives a Node its Buffer, if that can be done. */
type Compute = (node: Node) => void;

/** `targets` and all that they need. */
function reached(targets: readonly Node[]): Node[] {
  const mark = nextMark();
  const found: Node[] = [];
  const stack = targets.slice();
  while (stack.length > 0) {
    const node = stack.pop()!;
    if (node.mark === mark) continue;
    node.mark = mark;
    found.push(node);
    if (!node.isLeaf) stack.push(...node.srcs);
  }
  return found;
}

/** `targets` and all that they need, as far as it is not computed, oldest first: each after what it reads. */
export const waiting = (targets: readonly Node[]): Node[] =>
  reached(targets)
    .filter((node) => !node.isLeaf)
    .sort((a, b) => a.id - b.id);

/** Finds the first Node among what `targets` need that is a culprit. */
export function culpritOf(targets: readonly Node[], compute: Compute): Culprit | null {
  for (const node of waiting(targets)) {
    const found = judge(node, compute);
    if (found !== null) return found;
  }
  return null;
}

function judge(node: Node, compute: Compute): Culprit | null {
  const { dtype, attrs, shape, srcs, isLeaf } = node;
  const { name } = node.op;
  if (isLeaf || (name !== "gather" && name !== "scatter")) return null;
  const [x, index, src] = srcs as [Node, Node, Node | undefined];
  const read: Shape = src === undefined ? shape : broadcast(name, index.shape, src.shape);
  if (sizeOf(read) === 0) return null;
  const origins = new Set(reached([index]));
  compute(index);
  const { backend } = index.device;
  const values = index.buffer === null ? null : backend.read(index.buffer, index.dtype, sizeOf(index.shape));
  if (values === null || values instanceof Promise) return null;
  const along = src === undefined ? x.shape : shape;
  const size = along[attrs[0]!]!;
  const first = attrs[1] === 1 ? -size : 0;
  const bad = values.find((value) => value < first || value >= size);
  return bad === undefined
    ? null
    : { node, error: outOfRange({ op: name, dtype, shape, attrs, srcs: [] }, bad, along), origins };
}

/**
 * The values that cannot be computed because of a culprit, among all that `targets` need: what needs it, or another one
 * whose index has the same origin, as in the gradient of what went wrong.
 */
export function spoiltBy({ node, origins }: Culprit, targets: readonly Node[], compute: Compute): ReadonlySet<Node> {
  const spoilt = new Set([node]);
  for (const other of waiting(targets)) {
    if (other.srcs.some((src) => spoilt.has(src))) spoilt.add(other);
    else {
      const found = judge(other, compute);
      if (found !== null && [...found.origins].some((origin) => origins.has(origin))) spoilt.add(other);
    }
  }
  return spoilt;
}
