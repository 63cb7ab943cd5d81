import { hostArray, type DType, type TypedArray } from "../dtype.js";
import { type Shape, sizeOf, stridesOf } from "../shape.js";

/** Whether elements already stand one after another. */
function isRowMajor(shape: Shape, strides: readonly number[]): boolean {
  const plain = stridesOf(shape);
  return shape.includes(0) || shape.every((size, dim) => size === 1 || strides[dim] === plain[dim]);
}

/**
 * Brings a strided view (strides and offset in elements, all within `source`) into row-major order. Shares memory with
 * the source where that is its order.
 */
export function gather(
  source: TypedArray,
  dtype: DType,
  { shape, strides, offset }: { readonly shape: Shape; readonly strides: readonly number[]; readonly offset: number },
): TypedArray {
  const count = sizeOf(shape);
  if (isRowMajor(shape, strides)) return source.subarray(offset, offset + count);
  const out = hostArray(dtype, count, "load");
  const last = shape.length - 1;
  const [length, step] = [shape[last] ?? 1, strides[last] ?? 0];
  const index = new Array<number>(Math.max(last, 0)).fill(0);
  let from = offset;
  for (let at = 0; at < out.length; at += length) {
    for (let i = 0; i < length; i++) out[at + i] = source[from + i * step]!;
    // The next row: as an odometer counts.
    for (let dim = last - 1; dim >= 0; dim--) {
      from += strides[dim]!;
      if (++index[dim]! < shape[dim]!) break;
      from -= shape[dim]! * strides[dim]!;
      index[dim] = 0;
    }
  }
  return out;
}
