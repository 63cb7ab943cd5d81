import { Inflate, zipSync } from "fflate";
import { hostArray } from "../dtype.js";
import { show } from "../errors.js";
import { crc32 } from "./crc32.js";
import { type Fail, FileError } from "./file-error.js";
import type { FileSource } from "./file-source.js";
import { damaged } from "./stored-type.js";
import { readDirectory, type ZipEntry } from "./zip-directory.js";

/**
 * What may come out of a file beyond its own size, in all: zeros deflate a thousandfold, and a view may repeat a number
 * without end.
 */
const MAX_GROWTH = 2 ** 30;
/** No deflated byte gives more. */
const MAX_RATIO = 1032;

/** Counts what a file has grown to as it was read. */
export class Growth {
  #grown = 0;

  /** Throws if `bytes` more would be too much. */
  add(bytes: number, fail: Fail): void {
    this.#grown += Math.max(0, bytes);
    if (this.#grown > MAX_GROWTH) {
      throw fail(
        `it unpacks to more than ${MAX_GROWTH} bytes beyond its size`,
        "if it is not made to fill the memory, save it without compression and without expanded views",
      );
    }
  }
}

/** An open zip file. */
export class ZipFile {
  readonly entries: ReadonlyMap<string, ZipEntry>;
  readonly growth: Growth = new Growth();
  readonly #source: FileSource;
  readonly #fail: Fail;

  private constructor(source: FileSource, entries: readonly ZipEntry[], fail: Fail) {
    this.#source = source;
    this.#fail = fail;
    this.entries = new Map(entries.map((entry) => [entry.name, entry]));
  }

  static async open(source: FileSource, fail: Fail): Promise<ZipFile> {
    return new ZipFile(source, await readDirectory(source, fail), fail);
  }

  /** Reads and checks an entry's bytes. */
  async read(entry: ZipEntry): Promise<Uint8Array> {
    const { name, method, encrypted, packed, size, start, end } = entry;
    const fail: Fail = (problem, way) => this.#fail(`${show(name)}: ${problem}`, way);
    if (encrypted) throw fail("it is encrypted");
    if (method !== 0 && method !== 8) throw fail(`its compression ${method} is not read`, "deflate it, or store it");
    const label = new TextEncoder().encode(name);
    const header = await this.#source.read(start, Math.min(30 + label.length, end - start));
    const view = new DataView(header.buffer, header.byteOffset, header.length);
    if (view.getUint32(0, true) !== 0x04034b50) throw fail(`no file begins at byte ${start}`, damaged);
    if (view.getUint16(26, true) !== label.length || label.some((byte, i) => header[30 + i] !== byte))
      throw fail(`at byte ${start} it has another name`, damaged);
    const from = start + 30 + label.length + view.getUint16(28, true);
    if (from + packed > end) throw fail(`it reaches into what follows it, at byte ${end}`, damaged);
    if (method === 0 ? size !== packed : size > packed * MAX_RATIO)
      throw fail(`${packed} bytes cannot hold the ${size} that it should have`, damaged);
    this.growth.add(size - packed, fail);
    const data = await this.#source.read(from, packed);
    const bytes = method === 0 ? data : inflate(data, size, fail);
    if (crc32(bytes) !== entry.crc) throw fail("its checksum is wrong", damaged);
    return bytes;
  }
}

/** Inflates to exactly `size` bytes. In pieces: what says that it is small may be anything. */
function inflate(data: Uint8Array, size: number, fail: Fail): Uint8Array {
  const out = hostArray("uint8", size, "load") as Uint8Array;
  let done = 0;
  const stream = new Inflate((chunk) => {
    if (done + chunk.length > size) throw fail(`it inflates to more than its ${size} bytes`, damaged);
    out.set(chunk, done);
    done += chunk.length;
  });
  const step = 16384;
  try {
    for (let at = 0; at < data.length; at += step) stream.push(data.subarray(at, at + step), at + step >= data.length);
  } catch (error) {
    if (error instanceof FileError) throw error;
    throw fail(`it cannot be inflated: ${(error as Error).message}`, damaged);
  }
  if (done !== size) throw fail(`it inflates to ${done} of its ${size} bytes`, damaged);
  return out;
}

/** Makes a zip file, the same bytes each time. */
export function makeZip(
  files: readonly (readonly [name: string, bytes: Uint8Array])[],
  deflated: boolean,
): Uint8Array<ArrayBuffer> {
  const total = files.reduce((sum, [name, { length }]) => sum + length + 2 * name.length + 128, 22);
  if (total >= 2 ** 32)
    throw new FileError(`a zip file of ${total} bytes is too large`, "saveSafetensors has no such limit");
  const mtime = new Date(1980, 0, 1); // the first there is
  return zipSync(Object.fromEntries(files.map(([name, bytes]) => [name, [bytes, { level: deflated ? 6 : 0, mtime }]])));
}
