import type { DType } from "../dtype.js";
import { show } from "../errors.js";
import type { Shape } from "../shape.js";
import type { Fail } from "./file-error.js";
import type { FileSource } from "./file-source.js";
import { parseJson } from "./parse-json.js";
import { countElements, damaged, storedSize, type StoredType } from "./stored-type.js";

/** The format's own names of element types. */
const types: Readonly<Record<string, StoredType>> = {
  BOOL: "bool",
  U8: "uint8",
  I8: "int8",
  I16: "int16",
  U16: "uint16",
  F16: "float16",
  BF16: "bfloat16",
  I32: "int32",
  U32: "uint32",
  F32: "float32",
  F64: "float64",
  I64: "int64",
  U64: "uint64",
};

/** What our dtypes are called in the format. */
const codes: Readonly<Record<DType, string>> = {
  bool: "BOOL",
  uint8: "U8",
  int32: "I32",
  float16: "F16",
  float32: "F32",
  float64: "F64",
};

/** How a tensor stands in a file. */
export interface HeaderEntry {
  /** The format's name of its type, such as "F32" or "BF16". */
  readonly code: string;
  /** null for a type that has no dtype here. */
  readonly type: StoredType | null;
  readonly shape: Shape;
  /** Where its bytes begin in the file, and how many they are. */
  readonly offset: number;
  readonly length: number;
}

export interface Header {
  readonly entries: ReadonlyMap<string, HeaderEntry>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Longer ones are refused by the format's own library too. */
const MAX_HEADER = 100_000_000;
const METADATA = "__metadata__";
const fileHint = "is it a safetensors file, and complete?";

/** Reads and checks a file's header: afterwards every entry lies in the file, and no two share a byte. */
export async function readHeader(source: FileSource, fail: Fail): Promise<Header> {
  const { size } = source;
  if (size < 8) throw fail(`its ${size} bytes are too few for a safetensors file`, fileHint);
  const start = await source.read(0, 8);
  const length = Number(new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true));
  if (length > MAX_HEADER) throw fail(`its header would have ${length} bytes, more than ${MAX_HEADER}`, fileHint);
  if (length > size - 8) throw fail(`its header would have ${length} bytes, but only ${size - 8} follow`, fileHint);
  const bytes = await source.read(8, length);
  if (bytes[0] !== 0x7b) throw fail("its header does not begin with {, at byte 8", fileHint);
  return checkHeader(parseJson(decode(bytes, fail), 4, fail), 8 + length, size, fail);
}

function decode(bytes: Uint8Array, fail: Fail): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw fail("its header is no UTF-8", damaged);
  }
}

/** A header that is JSON: an object, as it begins with {. */
function checkHeader(json: unknown, dataStart: number, size: number, fail: Fail): Header {
  const { [METADATA]: metadata = {}, ...tensors } = json as Record<string, unknown>;
  if (!isObject(metadata) || !Object.values(metadata).every((value) => typeof value === "string"))
    throw fail(`its ${METADATA} is no object of strings`, damaged);
  const entries = new Map<string, HeaderEntry>();
  for (const [name, value] of Object.entries(tensors)) {
    const about: Fail = (problem, way) => fail(`tensor ${show(name)}: ${problem}`, way);
    entries.set(name, checkEntry(value, dataStart, size - dataStart, about));
  }
  checkCover(entries, dataStart, size, fail);
  return { entries, metadata: metadata as Record<string, string> };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function checkEntry(value: unknown, dataStart: number, dataSize: number, fail: Fail): HeaderEntry {
  if (!isObject(value)) throw fail(`its header entry is ${show(value)}, no object`, damaged);
  const { dtype, shape, data_offsets: offsets, ...others } = value;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw fail(`its header entry has an unknown field ${show(unknown)}`, damaged);
  if (typeof dtype !== "string") throw fail(`its dtype is ${show(dtype)}, no name`, damaged);
  const count = countElements(shape, fail);
  const [begin, end] = Array.isArray(offsets) && offsets.length === 2 ? (offsets as unknown[]) : [];
  if (!Number.isSafeInteger(begin) || !Number.isSafeInteger(end))
    throw fail(`its data_offsets are ${show(offsets)}, no two whole numbers`, damaged);
  const [from, to] = [begin as number, end as number];
  if (from < 0 || to < from || to > dataSize)
    throw fail(`its data_offsets ${show(offsets)} do not lie within the ${dataSize} bytes of data`, damaged);
  const type = Object.hasOwn(types, dtype) ? types[dtype]! : null;
  if (type !== null && to - from !== count * storedSize(type)) {
    const needs = count * storedSize(type);
    throw fail(`${show(shape)} elements of ${dtype} take ${needs} bytes, its data_offsets span ${to - from}`, damaged);
  }
  return { code: dtype, type, shape: (shape as number[]).slice(), offset: dataStart + from, length: to - from };
}

/** The format has no gaps and no overlaps: each byte of data belongs to one tensor. */
function checkCover(entries: ReadonlyMap<string, HeaderEntry>, dataStart: number, size: number, fail: Fail): void {
  const places = [...entries].sort(([, a], [, b]) => a.offset - b.offset || a.length - b.length);
  let end = dataStart;
  for (const [name, { offset, length }] of places) {
    if (offset !== end) {
      const how = offset < end ? "overlaps the one before it" : "leaves a gap before it";
      throw fail(`tensor ${show(name)} ${how}: it begins at byte ${offset}, not at ${end}`, damaged);
    }
    end += length;
  }
  if (end !== size) throw fail(`its tensors end at byte ${end}, the file at ${size}`, damaged);
}

/** What a header says of a tensor that is going to be written. */
export interface Described {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly bytes: number;
}

/** Writes the first part of a file: the header's length and the header, filled up so that the data begins at a multiple of 8. */
export function makeHeader(tensors: readonly Described[], metadata: Readonly<Record<string, string>>): Uint8Array {
  const entries: [string, unknown][] = Object.keys(metadata).length === 0 ? [] : [[METADATA, metadata]];
  let at = 0;
  for (const { name, dtype, shape, bytes } of tensors) {
    entries.push([name, { dtype: codes[dtype], shape, data_offsets: [at, at + bytes] }]);
    at += bytes;
  }
  // By hand, because an object would put names that look like indices first.
  const json = entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",");
  const text = new TextEncoder().encode(`{${json}}`);
  const padded = Math.ceil(text.length / 8) * 8;
  const header = new Uint8Array(8 + padded).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(padded), true);
  header.set(text, 8);
  return header;
}
