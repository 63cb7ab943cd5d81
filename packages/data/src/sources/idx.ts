import type { DType, Tensor, TypedArray } from "@downhill/core";
import { fromHost, hostArray, show } from "@downhill/core/engine";
import { FileError } from "@downhill/core/files";
import { checkSourceOptions, type SourceInput, type SourceOptions, streamBytes } from "./byte-stream.js";
import { HeldBytes, tooLong, WHOLE_BYTES } from "./held-bytes.js";

/** What the elements of a file are. */
interface Kind {
  readonly dtype: DType;
  readonly width: number;
  readonly read: (view: DataView, byte: number) => number;
}

/** By the third byte of a file: what its elements are, and the dtype they get. */
const kinds: Readonly<Record<number, Kind>> = {
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
  const most = options.maxBytes ?? WHOLE_BYTES;
  const held = new HeldBytes(options, WHOLE_BYTES);
  let name = "the file";
  let header: Header | null = null;
  for await (const { file, bytes } of streamBytes("loadIdx", input, options)) {
    name = file;
    held.add(bytes, () => name);
    header ??= parseHeader(held.all(), name);
    // What a header promises bounds what is read: the rest of a bomb is never unpacked.
    if (header !== null && header.end > most) throw tooLong(`${name}: of shape ${show(header.shape)}`, most);
    if (header !== null && held.length > header.end) throw wrongLength(name, `more than ${header.end}`, header);
  }
  const all = held.all();
  if (header === null) {
    checkKind(all, name);
    throw new FileError(`${name}: is cut off within its header, at byte ${all.length}`);
  }
  if (all.length !== header.end) throw wrongLength(name, String(all.length), header);
  return fromHost("loadIdx", elementsOf(all, header), header.shape, header.kind.dtype);
}

interface Header {
  readonly kind: Kind;
  readonly shape: readonly number[];
  /** Where the elements begin, and where the file ends. */
  readonly start: number;
  readonly end: number;
}

function checkKind(bytes: Uint8Array, file: string): Kind {
  const kind = bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0 ? undefined : kinds[bytes[2]!];
  if (kind !== undefined) return kind;
  throw new FileError(`${file}: is no IDX file: it begins with the bytes ${show(Array.from(bytes.subarray(0, 4)))}`);
}

/** What stands before the elements; null if more has to come first. */
function parseHeader(bytes: Uint8Array, file: string): Header | null {
  if (bytes.length < 4) return null;
  const kind = checkKind(bytes, file);
  const dims = bytes[3]!;
  const start = 4 + 4 * dims;
  if (bytes.length < start) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: dims }, (_, i) => view.getUint32(4 + 4 * i));
  return { kind, shape, start, end: start + shape.reduce((a, b) => a * b, 1) * kind.width };
}

const wrongLength = (file: string, bytes: string, { shape, end }: Header): FileError =>
  new FileError(
    `${file}: has ${bytes} bytes, its shape ${show(shape)} needs ${end}`,
    "it is cut off, or damaged in its header (bytes 4 on)",
  );

function elementsOf(bytes: Uint8Array, { kind, start, end }: Header): TypedArray {
  const count = (end - start) / kind.width;
  const data = hostArray(kind.dtype, count);
  if (kind.dtype === "uint8") {
    data.set(bytes.subarray(start));
    return data;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; i < count; i++) data[i] = kind.read(view, start + i * kind.width);
  return data;
}
