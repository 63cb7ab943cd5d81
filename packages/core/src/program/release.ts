import { flushAll } from "./flush.js";
import { conceal, newestNode, Node } from "./node.js";

/**
 * Gives the memory of a value back, once what was recorded from it is computed, and returns a Node that it is an error to
 * use. A value that is not computed yet becomes internal: what was recorded from it still finds it.
 */
export function disposeValue(node: Node): Node {
  if (node.overwrittenBy !== null) return node;
  const { device, buffer, op, shape, dtype } = node;
  conceal(node);
  if (buffer !== null) {
    flushAll(device);
    device.backend.release(buffer);
    node.buffer = null;
    node.overwrittenBy = "dispose()";
    device.lastOverwrite = newestNode();
    return node;
  }
  const gone = new Node(op, [], [], shape, dtype, device, null);
  gone.overwrittenBy = "dispose()";
  return gone;
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
