import type { Device } from "../backend/device.js";
import { flushAll, waiting } from "./flush.js";
import type { Node, Op } from "./node.js";
import { trace } from "./trace.js";

/** Past this many pending values in a loop without any seam, one is made. */
const backstop = 1024;
/** Or past this many bytes of them. */
const byteBackstop = 2 ** 28;
let cutAt = -1;

/**
 * A loop of plain arithmetic has no seam. Cuts it, when much is pending, where it was cut before, so that its turns stay
 * one Program.
 */
export function relieve({ device, op }: Node): void {
  if (waiting(device) >= backstop || device.pendingBytes >= byteBackstop) cut(device, op);
}

function cut(device: Device, op: Op): void {
  const urgent = waiting(device) >= 2 * backstop || device.pendingBytes >= 2 * byteBackstop;
  if ((cutAt >= 0 && cutAt !== op.code && !urgent) || trace !== null) return;
  cutAt = op.code;
  flushAll(device);
}
