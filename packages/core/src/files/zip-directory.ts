import { show } from "../errors.js";
import type { Fail } from "./file-error.js";
import type { FileSource } from "./file-source.js";
import { damaged } from "./stored-type.js";

/** A file within a zip file. */
export interface ZipEntry {
  readonly name: string;
  /** 0: as it is; 8: deflated. Others are not read. */
  readonly method: number;
  readonly encrypted: boolean;
  readonly crc: number;
  /** Bytes in the zip file, and of the file itself. */
  readonly packed: number;
  readonly size: number;
  /** Where its local header begins, and what its bytes end before: the next one's. */
  readonly start: number;
  readonly end: number;
}

const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const ENTRY = 0x02014b50;
/** A directory of a million files. */
const MAX_DIRECTORY = 2 ** 27;
const hint = "is it a zip file (npz, pt), and complete?";

/** Where the directory is, and how many entries it has. */
interface Directory {
  readonly count: number;
  readonly start: number;
  readonly length: number;
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Reads a zip file's directory (PKWARE's APPNOTE 6.3, with zip64). No two entries share a byte: that is how bombs are made. */
export async function readDirectory(source: FileSource, fail: Fail): Promise<ZipEntry[]> {
  const { count, start, length } = await findDirectory(source, fail);
  const view = viewOf(await source.read(start, length));
  const entries: { -readonly [Key in keyof ZipEntry]: ZipEntry[Key] }[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > length || view.getUint32(at, true) !== ENTRY)
      throw fail(`its directory breaks off at entry ${i} of ${count}, byte ${start + at}`, damaged);
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    const next = at + 46 + nameLength! + extraLength! + commentLength!;
    if (next > length) throw fail(`its directory breaks off in entry ${i} of ${count}, byte ${start + at}`, damaged);
    const name = new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at + 46, nameLength));
    const [size, packed, local] = wide(view, at, at + 46 + nameLength!, extraLength!);
    entries.push({
      name,
      method: view.getUint16(at + 10, true),
      encrypted: (view.getUint16(at + 8, true) & 1) === 1,
      crc: view.getUint32(at + 16, true),
      packed,
      size,
      start: local,
      end: start,
    });
    at = next;
  }
  checkPlaces(entries, fail);
  return entries;
}

/** The three numbers that stand in a zip64 field where four bytes are too few. */
function wide(
  view: DataView,
  entry: number,
  extra: number,
  length: number,
): [size: number, packed: number, start: number] {
  const numbers = [24, 20, 42].map((field) => view.getUint32(entry + field, true));
  for (let at = extra; at + 4 <= extra + length;) {
    const id = view.getUint16(at, true);
    const end = Math.min(at + 4 + view.getUint16(at + 2, true), extra + length);
    if (id === 1) {
      let field = at + 4;
      numbers.forEach((number, i) => {
        if (number !== 0xffffffff || field + 8 > end) return;
        numbers[i] = Number(view.getBigUint64(field, true));
        field += 8;
      });
    }
    at = end;
  }
  return numbers as [number, number, number];
}

/** Finds the record at the file's end that says where the directory is. */
async function findDirectory(source: FileSource, fail: Fail): Promise<Directory> {
  const { size } = source;
  if (size < 22) throw fail(`its ${size} bytes are too few for a zip file`, hint);
  // A comment of up to 65535 bytes may follow the record.
  const tail = viewOf(await source.read(Math.max(0, size - 65557), Math.min(size, 65557)));
  let at = tail.byteLength - 22;
  while (at >= 0 && !(tail.getUint32(at, true) === END && at + 22 + tail.getUint16(at + 20, true) === tail.byteLength))
    at--;
  if (at < 0) throw fail("it has no end of a zip file's directory", hint);
  const end = size - tail.byteLength + at;
  let directory: Directory = {
    count: tail.getUint16(at + 10, true),
    length: tail.getUint32(at + 12, true),
    start: tail.getUint32(at + 16, true),
  };
  if (at >= 20 && tail.getUint32(at - 20, true) === LOCATOR64) {
    const record = Number(tail.getBigUint64(at - 12, true));
    if (record + 56 > end) throw fail(`its zip64 record would stand at byte ${record}`, damaged);
    const view = viewOf(await source.read(record, 56));
    if (view.getUint32(0, true) !== END64) throw fail(`there is no zip64 record at byte ${record}`, damaged);
    const [count, length, start] = [32, 40, 48].map((field) => Number(view.getBigUint64(field, true)));
    directory = { count: count!, length: length!, start: start! };
  }
  const { count, start, length } = directory;
  if (start + length > end || count * 46 > length || length > MAX_DIRECTORY)
    throw fail(`its directory would have ${count} entries in ${length} bytes from byte ${start} on`, damaged);
  return directory;
}

/** Checks names and places, and finds where each entry ends. */
function checkPlaces(
  entries: { readonly name: string; readonly start: number; readonly packed: number; end: number }[],
  fail: Fail,
): void {
  const names = new Set<string>();
  const sorted = entries.slice().sort((a, b) => a.start - b.start);
  sorted.forEach((entry, i) => {
    const { name, start, packed } = entry;
    if (names.has(name)) throw fail(`${show(name)} stands in it twice`, damaged);
    names.add(name);
    entry.end = sorted[i + 1]?.start ?? entry.end;
    // 30 bytes of header come before its own.
    if (start + 30 + packed > entry.end)
      throw fail(`${show(name)} reaches into what follows it: ${packed} bytes from byte ${start} on`, damaged);
  });
}
