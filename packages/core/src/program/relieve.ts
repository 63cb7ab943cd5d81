import type { Device } from "../backend/device.js";
import { flushAll } from "./flush.js";
import type { Node, Op } from "./node.js";

/** Past this many pending values in a loop without any seam, one is made. */
const backstop = 1024;
let cutAt = -1;

/**
 * A loop of plain arithmetic has no seam. Cuts it, when much is pending, where it was cut before, so that its turns stay
 * one Program.
 */
export function relieve({ device, op }: Node): void {
  if (device.pending.length >= backstop) cut(device, op);
}

function cut(device: Device, op: Op): void {
  if (cutAt >= 0 && cutAt !== op.code && device.pending.length < 2 * backstop) return;
  cutAt = op.code;
  flushAll(device);
}
