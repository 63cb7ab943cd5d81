import { type Device, Tensor } from "@downhill/core";
import { isPlainObject } from "./sample.js";

/** A batch, with its tensors on a device. */
export function toDevice<Batch>(batch: Batch, device: Device): Batch {
  const move = (value: unknown): unknown => {
    if (value instanceof Tensor) return value.to(device);
    if (Array.isArray(value)) return value.map(move);
    if (!isPlainObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, move(item)]));
  };
  return move(batch) as Batch;
}
