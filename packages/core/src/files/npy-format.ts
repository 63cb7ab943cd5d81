import type { DType, TypedArray } from "../dtype.js";
import { show } from "../errors.js";
import { type Shape, sizeOf } from "../shape.js";
import type { Fail } from "./file-error.js";
import { gather } from "./strided.js";
import {
  bytesOf,
  countElements,
  damaged,
  type Elements,
  readElements,
  storedSize,
  type StoredType,
} from "./stored-type.js";

/** NumPy's names of element types, without the byte order. */
const types: Readonly<Record<string, StoredType>> = {
  b1: "bool",
  u1: "uint8",
  i1: "int8",
  u2: "uint16",
  i2: "int16",
  u4: "uint32",
  i4: "int32",
  u8: "uint64",
  i8: "int64",
  f2: "float16",
  f4: "float32",
  f8: "float64",
};

const descriptions: Readonly<Record<DType, string>> = {
  bool: "|b1",
  uint8: "|u1",
  int32: "<i4",
  float16: "<f2",
  float32: "<f4",
  float64: "<f8",
};

/** An array of a file. */
export interface NpyArray extends Elements {
  readonly shape: Shape;
}

/** What stands before an array's elements. */
export interface NpyHeader {
  readonly type: StoredType;
  readonly bigEndian: boolean;
  readonly fortran: boolean;
  readonly shape: Shape;
  /** The byte where the elements begin. */
  readonly start: number;
}

/** What an array takes that is no record; NumPy itself reads 10,000. */
const MAX_HEADER = 65535;
/** Bytes of a file in which its header ends. */
export const HEADER_END: number = 12 + MAX_HEADER;
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY

/** Reads an array in NumPy's format (numpy.lib.format, versions 1 to 3). May share memory with `bytes`. */
export function parseNpy(bytes: Uint8Array, fail: Fail): NpyArray {
  const { type, bigEndian, fortran, shape, start } = readNpyHeader(bytes, bytes.length, fail);
  const elements = readElements(type, bytes.subarray(start), bigEndian, fail);
  if (!fortran || shape.length < 2) return { ...elements, shape };
  const strides = shape.map((_, dim) => sizeOf(shape.slice(0, dim)));
  return { dtype: elements.dtype, shape, data: gather(elements.data, elements.dtype, { shape, strides, offset: 0 }) };
}

/** Reads the header of a file of `size` bytes, of which it gets the first ones, and checks that its elements fill the rest. */
export function readNpyHeader(bytes: Uint8Array, size: number, fail: Fail): NpyHeader {
  if (bytes.length < 12 || MAGIC.some((byte, i) => bytes[i] !== byte))
    throw fail("it does not begin as an npy file", "loadNpz reads npz files, loadTorch PyTorch's");
  const [major, minor] = [bytes[6]!, bytes[7]!];
  if (major < 1 || major > 3 || minor !== 0) throw fail(`version ${major}.${minor} of the format is unknown`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = major === 1 ? 10 : 12;
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_HEADER) throw fail(`its header would have ${length} bytes, more than ${MAX_HEADER}`, damaged);
  if (start + length > bytes.length)
    throw fail(`its header would have ${length} bytes, but only ${bytes.length - start} follow`, damaged);
  const header = new TextDecoder(major === 3 ? "utf-8" : "latin1").decode(bytes.subarray(start, start + length));
  const { descr, fortran, shape } = parseHeader(header, fail);
  const { type, bigEndian } = typeOf(descr, fail);
  const taken = countElements(shape, fail) * storedSize(type);
  const rest = size - start - length;
  if (rest !== taken) throw fail(`${show(shape)} elements take ${taken} bytes, it has ${rest}`, damaged);
  return { type, bigEndian, fortran, shape, start: start + length };
}

interface Description extends Pick<NpyHeader, "fortran" | "shape"> {
  readonly descr: string;
}

/** Reads the header's text: a dict of Python's with three entries, in any order. */
function parseHeader(text: string, fail: Fail): Description {
  const fields = new Map<string, string>();
  const field =
    /\s*(['"])(descr|fortran_order|shape)\1\s*:\s*((['"])[^'"]*\4|True|False|\([\dL,\s]*\)|\[[^]*\])\s*(?:,|(?=\}))/y;
  field.lastIndex = text.indexOf("{") + 1;
  let end = field.lastIndex;
  for (let found = field.exec(text); found !== null; found = field.exec(text)) {
    if (fields.has(found[2]!)) throw fail(`its header has two entries ${found[2]!}`, damaged);
    fields.set(found[2]!, found[3]!);
    end = field.lastIndex;
  }
  const [descr, fortran, sizes] = ["descr", "fortran_order", "shape"].map((name) => fields.get(name) ?? "");
  const shape = sizesIn(sizes!);
  if (!/^\s*\{/.test(text) || !/^\s*\}\s*$/.test(text.slice(end)) || shape === null || !/^[TF]/.test(fortran!))
    throw fail(`its header is ${show(text.trim().slice(0, 120))}, no description of an array`, damaged);
  if (descr!.startsWith("[")) throw fail("its elements are records, of several fields", "save each field by itself");
  return { descr: descr!.slice(1, -1), fortran: fortran === "True", shape };
}

/** The sizes in a tuple of Python's, where one alone has a comma too; null for anything else. */
function sizesIn(tuple: string): number[] | null {
  if (!tuple.startsWith("(")) return null;
  const parts = tuple.slice(1, -1).split(",");
  if (parts.at(-1)!.trim() === "") parts.pop();
  else if (parts.length === 1) return null;
  return parts.every((part) => /^\s*\d+L?\s*$/.test(part)) ? parts.map((part) => parseInt(part, 10)) : null;
}

function typeOf(descr: string, fail: Fail): { readonly type: StoredType; readonly bigEndian: boolean } {
  const name = descr.replace(/^[<>=|]/, "");
  if (Object.hasOwn(types, name)) return { type: types[name]!, bigEndian: descr.startsWith(">") };
  throw name.startsWith("O")
    ? fail("its elements are pickled objects, which could run code and are not read", "save numbers: array.astype(...)")
    : fail(`its element type ${show(descr)} is none that tensors have here`, `convert it: array.astype("float32")`);
}

/** Writes an array as numpy.save does: the same bytes. */
export function makeNpy(dtype: DType, shape: Shape, data: TypedArray): Uint8Array[] {
  const sizes = shape.length === 1 ? `${shape[0]!},` : shape.join(", ");
  // NumPy leaves room for the first size to grow to 21 digits.
  const room = " ".repeat(shape.length === 0 ? 0 : 21 - String(shape[0]).length);
  const text = `{'descr': '${descriptions[dtype]}', 'fortran_order': False, 'shape': (${sizes}), }${room}`;
  const total = Math.ceil((10 + text.length + 1) / 64) * 64;
  const header = new Uint8Array(total).fill(0x20);
  header.set([...MAGIC, 1, 0, (total - 10) & 255, (total - 10) >> 8]);
  header.set(new TextEncoder().encode(text), 10);
  header[total - 1] = 0x0a;
  return [header, bytesOf(data, dtype)];
}
