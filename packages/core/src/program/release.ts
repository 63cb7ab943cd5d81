import { flushAll } from "./flush.js";
import { conceal, newestNode, type Node } from "./node.js";

/** Gives the memory of a value back, once what was recorded from it is computed; it is an error to use it any more. */
export function disposeValue(node: Node): void {
  if (node.overwrittenBy !== null) return;
  const { device, buffer } = node;
  conceal(node);
  if (buffer !== null) {
    flushAll(device);
    device.backend.release(buffer);
  }
  node.buffer = null;
  node.overwrittenBy = "dispose()";
  device.lastOverwrite = newestNode();
}

/**
 * Gives the memory of a gradient back that the caller's code has not seen, so that the next step's takes its place. Not
 * while anything is pending, which may read it: then the garbage collector finds it in time.
 */
export function releaseGradient(node: Node): void {
  const { buffer, device } = node;
  if (buffer === null || node.requiresGrad || device.pending.length > 0) return;
  device.backend.release(buffer);
  node.buffer = null;
  node.overwrittenBy = "zeroGrad()";
}
