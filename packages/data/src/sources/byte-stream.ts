import { ValueError } from "@downhill/core";
import { checkCount, checkFunction, checkOptions, show } from "@downhill/core/engine";
import { FileError, type FileInput, openSource, openTarget } from "@downhill/core/files";
import { isAbort } from "./damage.js";
import { fetchBytes } from "./fetch-bytes.js";

/** Where data comes from: an http(s) URL, or what the `load` functions take: a path, a file: URL, a Blob or File, bytes. */
export type SourceInput = FileInput;

/** How far a source has been read. */
export interface SourceProgress {
  readonly bytes: number;
  /** undefined where a server does not say. */
  readonly total: number | undefined;
}

/** What all readers of sources take. */
export interface SourceOptions {
  /** Ends the reading with its reason. */
  readonly signal?: AbortSignal;
  /** Hears how far it has come, piece by piece. */
  readonly onProgress?: (progress: SourceProgress) => void;
  /** A path where what a URL gives is kept, in a page of its private file system (OPFS): from then on it is read there. */
  readonly cache?: string;
  /**
   * The most bytes, unpacked, that may have to be in memory at a time; more is an error. Default: 32 MiB of a line or a row,
   * 2 GiB of what is read as a whole (an IDX file, an image, a batch of Arrow's).
   */
  readonly maxBytes?: number;
}

/** A piece of a file, and what errors call that file. */
export interface Piece {
  readonly file: string;
  readonly bytes: Uint8Array;
}

const PIECE = 2 ** 18;
/** Packed bytes that are unpacked at a time: hosts give all that comes of them at once, a thousandfold at most. */
const PACKED = 2 ** 14;

/** Checks the options of a source, of which it has some more. */
export function checkSourceOptions(where: string, options: SourceOptions, more: readonly string[] = []): void {
  checkOptions(where, options, ["signal", "onProgress", "cache", "maxBytes", ...more]);
  const { signal, onProgress, cache, maxBytes } = options;
  if (signal !== undefined && typeof (Object(signal) as Partial<AbortSignal>).throwIfAborted !== "function")
    throw new ValueError(
      `${where}: signal must be an AbortSignal, got ${show(signal)}`,
      "new AbortController().signal",
    );
  if (onProgress !== undefined) checkFunction(`${where}: onProgress`, onProgress);
  if (cache !== undefined && (typeof cache !== "string" || cache === ""))
    throw new ValueError(`${where}: cache must be a path, got ${show(cache)}`);
  if (maxBytes !== undefined && maxBytes !== Infinity) checkCount(where, "maxBytes", maxBytes, 1);
}

/** Reads piece by piece. What is gzipped, by its first two bytes, is unpacked; progress counts the packed bytes. */
export async function* streamBytes(where: string, input: SourceInput, options: SourceOptions): AsyncGenerator<Piece> {
  const pieces = rawPieces(where, input, options);
  const first = await pieces.next();
  if (first.done === true) return;
  const { bytes } = first.value;
  async function* all(): AsyncGenerator<Piece> {
    yield first.value as Piece;
    yield* pieces;
  }
  yield* bytes[0] === 0x1f && bytes[1] === 0x8b ? unpacked(all(), first.value.file, options.signal) : all();
}

/** The http(s) URL that a source is; null for others. */
export function httpUrl(input: SourceInput): string | null {
  const href = typeof input === "string" ? input : (Object(input) as { href?: unknown }).href;
  return typeof href === "string" && /^https?:/.test(href) ? href : null;
}

/** Sees to it that a URL's bytes are in the cache: all of them, or it is left as it was. Returns where they are. */
export async function cached(where: string, url: string, path: string, options: SourceOptions): Promise<string> {
  const kept = await openSource(where, path).catch(() => null); // not there yet, or else writing tells what is wrong
  await kept?.close?.();
  if (kept !== null) return path;
  try {
    await openTarget(where, path).write(bytesOf(fetchBytes(url, options)));
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error;
  }
  return path;
}

async function* bytesOf(pieces: AsyncIterable<Piece>): AsyncGenerator<Uint8Array> {
  for await (const { bytes } of pieces) yield bytes;
}

async function* rawPieces(where: string, input: SourceInput, options: SourceOptions): AsyncGenerator<Piece> {
  const { signal, onProgress, cache } = options;
  signal?.throwIfAborted();
  const url = httpUrl(input);
  if (url !== null && cache === undefined) {
    yield* fetchBytes(url, options);
    return;
  }
  const source = await openSource(where, url === null ? input : await cached(where, url, cache!, options));
  try {
    onProgress?.({ bytes: 0, total: source.size });
    for (let offset = 0; offset < source.size; offset += PIECE) {
      const bytes = await source.read(offset, Math.min(PIECE, source.size - offset));
      signal?.throwIfAborted();
      onProgress?.({ bytes: offset + bytes.length, total: source.size });
      yield { file: source.name, bytes };
    }
  } finally {
    await source.close?.();
  }
}

async function* unpacked(
  pieces: AsyncGenerator<Piece>,
  file: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Piece> {
  const stream = new DecompressionStream("gzip");
  const writer = stream.writable.getWriter();
  let read: { readonly error: unknown } | undefined;
  const feed = async (): Promise<void> => {
    try {
      for await (const { bytes } of pieces) {
        for (let at = 0; at < bytes.length; at += PACKED)
          await writer.write(bytes.subarray(at, at + PACKED) as Uint8Array<ArrayBuffer>);
      }
    } catch (error) {
      read = { error };
      throw error;
    }
    await writer.close();
  };
  const fed = feed().catch(async (error: unknown) => writer.abort(error).catch(() => undefined));
  const reader = stream.readable.getReader();
  let count = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      signal?.throwIfAborted();
      count += value.length;
      yield { file, bytes: value };
    }
  } catch (error) {
    const own = read === undefined ? error : read.error;
    if (own instanceof FileError || isAbort(own, signal)) throw own;
    const damage = new FileError(`${file}: the gzip data is damaged or cut off, ${count} bytes could be unpacked`);
    damage.cause = error;
    throw damage;
  } finally {
    await reader.cancel().catch(() => undefined);
    await fed;
  }
}
