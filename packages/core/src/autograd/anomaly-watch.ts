import type { Node } from "../program/node.js";
import type { Tensor } from "../tensor.js";

/** What anomaly mode does while it is on. Only anomaly.ts sets it: programs that never ask for the mode do without its code. */
export interface AnomalyWatch {
  /** Keeps where a Node was recorded. */
  remember(node: Node): void;
  /** Throws if `share`, the gradient that the op at `node` has passed on to an input, holds a NaN. */
  check(node: Node, share: Tensor): void;
}

/** Anomaly mode, as recording and the backward pass ask for it; null while it is off. */
export let watch: AnomalyWatch | null = null;

/** Turns anomaly mode on, or off with null. */
export function setWatch(next: AnomalyWatch | null): void {
  watch = next;
}
