import { type Node, record, type Segment } from "../program/node.js";
import { isGradEnabled } from "./mode.js";

/** A value to record again, and the checkpoint for which. */
interface Task {
  readonly node: Node;
  readonly segment: Segment;
}

/** Whether the forward pass keeps this value anyway, so that recomputing it would save nothing. */
const stays = (node: Node): boolean =>
  node.segment === null || node.visible || node.isLeaf || node.variable !== null || node.backward?.kind === "output";

function isWithin(segment: Segment | null, outer: Segment): boolean {
  for (; segment !== null; segment = segment.outer) if (segment === outer) return true;
  return false;
}

/**
 * The values of the forward pass that gradient rules see in one backward pass: what was recorded inside a `checkpoint`
 * is recorded a second time, once per checkpoint, when the first rule asks for it.
 */
export class Recomputed {
  private copies: Map<Segment, Map<Node, Node>> | null = null;

  /** The Node whose value a rule may read in place of `node`. */
  of(node: Node): Node {
    if (stays(node)) return node;
    this.make({ node, segment: node.segment! });
    return this.copy(node, node.segment!)!;
  }

  /** Records `last` again, and first what it needs. Iterative: the stretch may be long. */
  private make(last: Task): void {
    const stack = [last];
    while (stack.length > 0) {
      const { node, segment } = stack[stack.length - 1]!;
      if (this.copy(node, segment) !== undefined) {
        stack.pop();
        continue;
      }
      const open = stack.length;
      const standIn = (src: Node): Node => {
        if (stays(src)) return src;
        // A nested checkpoint is recomputed for the outer one, and again for its own backward.
        const place = isWithin(src.segment, segment) ? segment : src.segment!;
        const copy = this.copy(src, place);
        if (copy === undefined) stack.push({ node: src, segment: place });
        return copy ?? src;
      };
      const srcs = node.srcs.map(standIn);
      const graph = isGradEnabled() && node.requiresGrad;
      const parents = !graph || node.parents === node.srcs ? srcs : node.parents.map(standIn);
      if (stack.length > open) continue;
      stack.pop();
      const again = record(node.op, srcs, node.attrs, node.shape, node.dtype);
      if (graph) {
        again.requiresGrad = true;
        again.freed = node.freed;
        again.parents = parents;
        again.backward = node.backward;
      }
      this.copies ??= new Map<Segment, Map<Node, Node>>();
      let copies = this.copies.get(segment);
      if (copies === undefined) this.copies.set(segment, (copies = new Map<Node, Node>()));
      copies.set(node, again);
    }
  }

  private copy(node: Node, segment: Segment): Node | undefined {
    return this.copies?.get(segment)?.get(node);
  }
}
