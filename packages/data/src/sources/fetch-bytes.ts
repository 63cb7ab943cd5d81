import { FileError } from "@downhill/core/files";
import type { Piece, SourceOptions } from "./byte-stream.js";

/** How often in a row a connection may break before the next byte has come. */
const TRIES = 3;

/**
 * Reads what a server gives. Where the connection breaks, it goes on with the next byte (an HTTP range), if the server
 * says that the file is still the same.
 */
export async function* fetchBytes(url: string, { signal, onProgress }: SourceOptions): AsyncGenerator<Piece> {
  let [bytes, failures] = [0, 0];
  let version: string | null = null;
  let total: number | undefined;
  for (;;) {
    try {
      const response: Response = await fetch(url, {
        headers: bytes === 0 ? {} : { Range: `bytes=${bytes}-`, ...(version === null ? {} : { "If-Range": version }) },
        ...(signal === undefined ? {} : { signal }),
      });
      if (!response.ok) throw new FileError(`${url}: the server answers ${response.status} ${response.statusText}`);
      if (bytes === 0) {
        const length = response.headers.get("content-length");
        // Of what is packed on its way, neither the length nor a range says anything about the bytes that arrive.
        const packed = response.headers.has("content-encoding");
        version = packed ? null : versionOf(response);
        total = packed || length === null ? undefined : Number(length);
        onProgress?.({ bytes, total });
      } else {
        checkRest(url, response, bytes, total, version);
      }
      const reader = response.body!.getReader();
      try {
        for (;;) {
          const { done, value } = await reader.read();
          if (done) break;
          failures = 0;
          bytes += value.length;
          onProgress?.({ bytes, total });
          yield { file: url, bytes: value };
        }
      } finally {
        await reader.cancel().catch(() => undefined);
      }
      if (total === undefined || bytes >= total) return;
      throw new TypeError(`the connection ended after ${bytes} of ${total} bytes`);
    } catch (error) {
      if (signal?.aborted === true || error instanceof FileError) throw error;
      const again = ++failures < TRIES && (bytes === 0 || version !== null);
      if (!again) throw FileError.of(url, `read beyond byte ${bytes}`, error);
    }
  }
}

/** What tells that a file is the same; a weak ETag does not. */
function versionOf({ headers }: Response): string | null {
  const tag = headers.get("etag");
  return tag !== null && !tag.startsWith("W/") ? tag : headers.get("last-modified");
}

function checkRest(
  url: string,
  response: Response,
  bytes: number,
  total: number | undefined,
  version: string | null,
): void {
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get("content-range") ?? "");
  const fits = response.status === 206 && range !== null && Number(range[1]) === bytes;
  const same = (total === undefined || range?.[2] === String(total)) && versionOf(response) === version;
  if (fits && same) return;
  throw new FileError(
    `${url}: the connection broke after ${bytes} bytes, and the server does not go on from there`,
    "it has no ranges, or the file has changed; begin again",
  );
}
