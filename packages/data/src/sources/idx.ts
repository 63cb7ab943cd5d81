import type { DType, Tensor, TypedArray } from "@downhill/core";
import { fromHost, hostArray, show } from "@downhill/core/engine";
import { FileError } from "@downhill/core/files";
import { checkSourceOptions, type SourceInput, type SourceOptions, streamBytes } from "./byte-stream.js";

type Read = (view: DataView, byte: number) => number;

/** By the third byte of a file: what its elements are, and the dtype they get. */
const kinds: Readonly<Record<number, { readonly dtype: DType; readonly width: number; readonly read: Read }>> = {
  0x08: { dtype: "uint8", width: 1, read: (view, byte) => view.getUint8(byte) },
  0x09: { dtype: "int32", width: 1, read: (view, byte) => view.getInt8(byte) },
  0x0b: { dtype: "int32", width: 2, read: (view, byte) => view.getInt16(byte) },
  0x0c: { dtype: "int32", width: 4, read: (view, byte) => view.getInt32(byte) },
  0x0d: { dtype: "float32", width: 4, read: (view, byte) => view.getFloat32(byte) },
  0x0e: { dtype: "float64", width: 8, read: (view, byte) => view.getFloat64(byte) },
};

/**
 * Reads a file of MNIST's format, IDX, gzipped or not: `train-images-idx3-ubyte.gz` gives uint8 of shape [60000, 28, 28].
 * Integers of 8 bits with a sign and of 16 bits become int32.
 *
 * Follows http://yann.lecun.com/exdb/mnist: two zeros, the type, the number of dims, each dim (32 bits, big-endian), the
 * elements.
 *
 * @throws FileError for a file that is missing or damaged, with the byte.
 *
 * @example
 * const labels = await loadIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1));
 * await labels.tolist(); // [7, 2, 1]
 */
export async function loadIdx(input: SourceInput, options: SourceOptions = {}): Promise<Tensor> {
  checkSourceOptions("loadIdx", options);
  let name = "the file";
  const pieces: Uint8Array[] = [];
  for await (const { file, bytes } of streamBytes("loadIdx", input, options)) {
    name = file;
    pieces.push(bytes);
  }
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    all.set(piece, offset);
    offset += piece.length;
  }
  const { data, shape, dtype } = parseIdx(all, name);
  return fromHost("loadIdx", data, shape, dtype);
}

function parseIdx(bytes: Uint8Array, file: string): { data: TypedArray; shape: number[]; dtype: DType } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kind = bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0 ? undefined : kinds[bytes[2]!];
  if (kind === undefined) {
    throw new FileError(`${file}: is no IDX file: it begins with the bytes ${show(Array.from(bytes.subarray(0, 4)))}`);
  }
  const dims = bytes[3]!;
  const start = 4 + 4 * dims;
  if (bytes.length < start) throw new FileError(`${file}: is cut off within its header, at byte ${bytes.length}`);
  const shape = Array.from({ length: dims }, (_, i) => view.getUint32(4 + 4 * i));
  const count = shape.reduce((a, b) => a * b, 1);
  if (bytes.length !== start + count * kind.width) {
    throw new FileError(
      `${file}: has ${bytes.length} bytes, its shape ${show(shape)} needs ${start + count * kind.width}`,
      "it is cut off, or damaged in its header (bytes 4 on)",
    );
  }
  const data = hostArray(kind.dtype, count);
  if (kind.dtype === "uint8") data.set(bytes.subarray(start));
  else for (let i = 0; i < count; i++) data[i] = kind.read(view, start + i * kind.width);
  return { data, shape, dtype: kind.dtype };
}
