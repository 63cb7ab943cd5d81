import { type DType, hostArray, type TypedArray } from "../dtype.js";
import { packHalves, unpackHalves } from "../half.js";
import { sizeOf, type Shape } from "../shape.js";
import type { Fail } from "./file-error.js";

/** The element types that files have, and that we read. */
export type StoredType =
  | "bool"
  | "uint8"
  | "int8"
  | "int16"
  | "uint16"
  | "int32"
  | "uint32"
  | "int64"
  | "uint64"
  | "float16"
  | "bfloat16"
  | "float32"
  | "float64";

/** Elements of a file as a tensor has them. */
export interface Elements {
  readonly dtype: DType;
  readonly data: TypedArray;
}

interface Reading {
  /** Bytes of an element. */
  readonly size: number;
  /** What its tensors are: integers of any width are int32, and bfloat16 is read to float32. */
  readonly dtype: DType;
  /** Reads little-endian bytes, whose place in their buffer is a multiple of `size`. */
  readonly read: (bytes: Uint8Array, fail: Fail) => TypedArray;
}

type View<A> = new (buffer: ArrayBufferLike, byteOffset: number, length: number) => A;

/** The bytes as they are. */
const as = (View: View<TypedArray> & { readonly BYTES_PER_ELEMENT: number }, dtype: DType): Reading => ({
  size: View.BYTES_PER_ELEMENT,
  dtype,
  read: (bytes) => new View(bytes.buffer, bytes.byteOffset, bytes.length / View.BYTES_PER_ELEMENT),
});

/** Narrow integers. */
const widened = (
  View: View<Int8Array | Int16Array | Uint16Array> & { readonly BYTES_PER_ELEMENT: number },
): Reading => ({
  size: View.BYTES_PER_ELEMENT,
  dtype: "int32",
  read: (bytes) => Int32Array.from(new View(bytes.buffer, bytes.byteOffset, bytes.length / View.BYTES_PER_ELEMENT)),
});

/** Integers of which int32 holds only a part: `words` words, signed or not. */
const narrowed = (words: 1 | 2, signed: boolean): Reading => ({
  size: 4 * words,
  dtype: "int32",
  read(bytes, fail) {
    const source = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    const data = hostArray("int32", source.length / words, "read") as Int32Array;
    for (let i = 0; i < data.length; i++) {
      const low = source[i * words]!;
      const high = words === 1 ? 0 : source[i * words + 1]!;
      // Fits if the upper word is only the sign of the lower one.
      if (high !== (signed ? low >> 31 : 0) || (!signed && low < 0)) throw tooLarge(low, high, signed, i, fail);
      data[i] = low;
    }
    return data;
  },
});

function tooLarge(low: number, high: number, signed: boolean, at: number, fail: Fail): Error {
  const bits = (BigInt(high) << 32n) | BigInt(low >>> 0);
  const value = signed ? BigInt.asIntN(64, bits) : BigInt.asUintN(64, bits);
  return fail(
    `element ${at} is ${value}, beyond int32, which is what integers are here`,
    "write it as float64 or int32 where it comes from",
  );
}

const readings: Record<StoredType, Reading> = {
  bool: { size: 1, dtype: "bool", read: (bytes) => bytes.map((byte) => (byte === 0 ? 0 : 1)) },
  uint8: as(Uint8Array, "uint8"),
  int8: widened(Int8Array),
  int16: widened(Int16Array),
  uint16: widened(Uint16Array),
  int32: as(Int32Array, "int32"),
  uint32: narrowed(1, false),
  int64: narrowed(2, true),
  uint64: narrowed(2, false),
  float16: {
    size: 2,
    dtype: "float16",
    read(bytes) {
      const data = hostArray("float16", bytes.length / 2, "read") as Float32Array;
      unpackHalves(new Uint16Array(bytes.buffer, bytes.byteOffset, data.length), data);
      return data;
    },
  },
  bfloat16: {
    size: 2,
    dtype: "float32",
    read(bytes) {
      const data = hostArray("float32", bytes.length / 2, "read");
      const words = new Uint32Array(data.buffer);
      const source = new Uint16Array(bytes.buffer, bytes.byteOffset, data.length);
      for (let i = 0; i < data.length; i++) words[i] = source[i]! << 16; // the upper half of a float32
      return data;
    },
  },
  float32: as(Float32Array, "float32"),
  float64: as(Float64Array, "float64"),
};

/** What its tensors are. */
export const dtypeOf = (type: StoredType): DType => readings[type].dtype;

/** Bytes of one element in a file. */
export const storedSize = (type: StoredType): number => readings[type].size;

/** The bytes of `count` elements as a tensor's elements. May share memory with `bytes`. */
export function readElements(type: StoredType, bytes: Uint8Array, bigEndian: boolean, fail: Fail): Elements {
  const { size, dtype, read } = readings[type];
  // A view of several bytes an element must begin at a multiple of them.
  let own = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  if (bigEndian && size > 1) swap((own = own === bytes ? bytes.slice() : own), size);
  return { dtype, data: read(own, fail) };
}

/** Turns each element's bytes around, in place. */
function swap(bytes: Uint8Array, size: number): void {
  for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
}

/** The elements of a tensor as a file has them, little-endian; may share their memory. */
export function bytesOf(data: TypedArray, dtype: DType): Uint8Array {
  const { buffer, byteOffset, byteLength } = dtype === "float16" ? packHalves(data as Float32Array) : data;
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** A shape with more dims is damage. PyTorch's limit. */
const MAX_RANK = 64;

/** Checks what a file says a shape is, and returns its number of elements: one that bytes can be counted with. */
export function countElements(shape: unknown, fail: Fail): number {
  const isSize = (size: unknown): boolean => Number.isSafeInteger(size) && (size as number) >= 0;
  if (!Array.isArray(shape) || !shape.every(isSize))
    throw fail("its shape is no list of whole numbers of 0 or more", damaged);
  if (shape.length > MAX_RANK) throw fail(`its shape has ${shape.length} dims, more than ${MAX_RANK}`, damaged);
  const count = shape.includes(0) ? 0 : sizeOf(shape as Shape);
  // Times the largest element's size it is still exact.
  if (count > 2 ** 49) throw fail(`its shape [${shape.join(", ")}] has more elements than any file`, damaged);
  return count;
}

/** The way out where a file contradicts itself. */
export const damaged = "the file is damaged, or no download has finished: get it again";
