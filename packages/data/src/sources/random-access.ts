import { FileError, type FileSource, openSource } from "@downhill/core/files";
import { cached, httpUrl, type SourceInput, type SourceOptions } from "./byte-stream.js";
import { fetchBytes } from "./fetch-bytes.js";
import { HeldBytes, WHOLE_BYTES } from "./held-bytes.js";

/** Opens a source of which parts are read in any order: over http by ranges, or whole where a server has none. */
export async function openRandomAccess(where: string, input: SourceInput, options: SourceOptions): Promise<FileSource> {
  const { signal, onProgress } = options;
  signal?.throwIfAborted();
  const url = httpUrl(input);
  let source: FileSource;
  if (url === null) source = await openSource(where, input);
  else if (options.cache !== undefined)
    source = await openSource(where, await cached(where, url, options.cache, options));
  else source = await openUrl(where, url, options);
  let bytes = 0;
  return {
    ...source,
    read: async (offset, length) => {
      signal?.throwIfAborted();
      const part = await source.read(offset, length);
      bytes += length;
      onProgress?.({ bytes: Math.min(bytes, source.size), total: source.size });
      return part;
    },
  };
}

async function openUrl(where: string, url: string, options: SourceOptions): Promise<FileSource> {
  const { signal } = options;
  const init = signal === undefined ? {} : { signal };
  const head = await fetch(url, { method: "HEAD", ...init }).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw FileError.of(url, "read", error);
  });
  const { headers } = head;
  const size = Number(headers.get("content-length") ?? Number.NaN);
  const version = headers.get("etag") ?? headers.get("last-modified");
  const hasRanges = head.ok && headers.get("accept-ranges") === "bytes" && Number.isSafeInteger(size);
  if (!hasRanges || headers.has("content-encoding")) {
    const held = new HeldBytes(options, WHOLE_BYTES);
    for await (const { bytes } of fetchBytes(url, init)) held.add(bytes, () => url);
    return { ...(await openSource(where, held.take())), name: url };
  }
  return {
    name: url,
    size,
    read: async (offset, length) => {
      if (length === 0) return new Uint8Array(0);
      try {
        const response = await fetch(url, { headers: { Range: `bytes=${offset}-${offset + length - 1}` }, ...init });
        const same = (response.headers.get("etag") ?? response.headers.get("last-modified")) === version;
        const bytes = new Uint8Array(await response.arrayBuffer());
        if (response.status === 206 && same && bytes.length === length) return bytes;
        throw new FileError(
          `${url}: bytes ${offset} to ${offset + length} were asked for, the server answers ${response.status} with ${bytes.length} bytes`,
          same ? undefined : "the file has changed since it was opened",
        );
      } catch (error) {
        if (signal?.aborted === true) throw error;
        throw FileError.of(url, `read at byte ${offset}`, error);
      }
    },
  };
}
