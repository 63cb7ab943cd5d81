import type { DType, TypedArray } from "@downhill/core";

/** Typed arrays that samples may hold, with the dtype of the tensor that they become. */
export type HostArray = TypedArray | Uint8ClampedArray | BigInt64Array;

/** The dtype of the tensor that a typed array becomes; int32 for BigInt64Array, PyTorch's int64. */
export function hostDType(array: HostArray): DType {
  if (array instanceof Float32Array) return "float32";
  if (array instanceof Float64Array) return "float64";
  return array instanceof Uint8Array || array instanceof Uint8ClampedArray ? "uint8" : "int32";
}

export const isHostArray = (value: unknown): value is HostArray =>
  value instanceof Float32Array ||
  value instanceof Float64Array ||
  value instanceof Int32Array ||
  value instanceof Uint8Array ||
  value instanceof Uint8ClampedArray ||
  value instanceof BigInt64Array;

/** Whether a value is an object written with braces, whose keys are its content. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
