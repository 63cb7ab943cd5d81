import { defaultDevice, type Device, Tensor } from "@downhill/core";
import { seam } from "@downhill/core/engine";

/**
 * Ends a turn of a loop over batches, on the default device and on the one that the batch is on: much pending work is
 * computed. Returns what an asynchronous loop waits for before the next turn, if a device asks for that.
 */
export function endTurn(batch: unknown): Promise<void> | undefined {
  const device = defaultDevice();
  const own = deviceOf(batch);
  const wait = endOn(device);
  if (own === undefined || own === device) return wait;
  const other = endOn(own);
  return wait === undefined || other === undefined ? (wait ?? other) : wait.then(() => other);
}

function endOn(device: Device): Promise<void> | undefined {
  seam(device);
  return device.backend.ready?.();
}

/** The device of the first tensor of a batch. */
function deviceOf(batch: unknown): Device | undefined {
  if (batch instanceof Tensor) return batch.device;
  if (typeof batch !== "object" || batch === null) return undefined;
  const parts: unknown[] = Array.isArray(batch) ? batch : Object.values(batch);
  return parts.find((part) => part instanceof Tensor)?.device;
}
