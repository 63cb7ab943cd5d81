import type { Device, DType, Tensor } from "@downhill/core";
import { changeStructure, DownhillError, flush, isFloat, itemSize, replace, show } from "@downhill/core/engine";
import type { Parameter } from "./parameter.js";

/** A buffer, and how its module gets another. */
export interface BufferSlot {
  readonly buffer: Tensor;
  set(value: Tensor): void;
}

const isDType = (target: unknown): target is DType => typeof target === "string" && Object.hasOwn(itemSize, target);
const differs = (a: Tensor, b: Tensor): boolean => a.dtype !== b.dtype || a.device !== b.device;

/** Converts what is float to a float dtype, or moves all to a device. All new values are there before the first change. */
export function convertState(
  target: DType | Device | "cpu" | "webgpu",
  parameters: readonly Parameter[],
  slots: readonly BufferSlot[],
): void {
  const toDType = isDType(target);
  if (toDType && !isFloat(target)) {
    throw new DownhillError(
      `Module.to: a module takes a float dtype, got ${show(target)}`,
      '"float16", "float32" or "float64"',
    );
  }
  const moved = new Map<Tensor, Tensor>();
  const grads = new Map<Tensor, Tensor>();
  for (const tensor of [...parameters, ...slots.map(({ buffer }) => buffer)]) {
    if (toDType && !isFloat(tensor.dtype)) continue;
    const value = tensor.detach().to(target);
    if (!differs(tensor, value)) continue;
    moved.set(tensor, value);
    if (tensor.grad !== null) grads.set(tensor, tensor.grad.detach().to(target));
  }
  flush(...moved.values(), ...grads.values());
  if (moved.size > 0) changeStructure();
  // A buffer's new value is another tensor, as in PyTorch: who passed the old one keeps it.
  for (const slot of slots) slot.set(moved.get(slot.buffer) ?? slot.buffer);
  for (const parameter of parameters) {
    const value = moved.get(parameter);
    if (value === undefined) continue;
    replace(parameter, value);
    parameter.grad = grads.get(parameter) ?? null;
  }
}
