import { ValueError, show } from "../errors.js";
import { FileError } from "./file-error.js";
import { type BlobLike, blobSource, bytesSource, type FileSource } from "./file-source.js";
import { fileAt, isPlace, type Place } from "./place.js";

/** A path, a file: URL, a file handle of a page, a Blob or File, bytes, or a source of one's own. */
export type FileInput = Place | BlobLike | Uint8Array | ArrayBuffer | FileSource;

/** Opens what a `load` was given: for readers of other formats. `where` is what errors name. */
export async function openSource(where: string, input: FileInput): Promise<FileSource> {
  if (isPlace(input)) return checked(await fileAt(where, input).open());
  if (input instanceof ArrayBuffer) return bytesSource(new Uint8Array(input));
  if (input instanceof Uint8Array) return bytesSource(input);
  const given = Object(input) as Partial<BlobLike & FileSource>;
  if (isSize(given.size) && typeof given.read === "function") return checked(input as FileSource);
  if (isSize(given.size) && typeof given.slice === "function") return checked(blobSource(input as BlobLike));
  throw new ValueError(
    `${where}: expects a path, a URL, bytes, a Blob or a source, got ${show(input)}`,
    `"model.safetensors", or the bytes: new Uint8Array(await response.arrayBuffer())`,
  );
}

const isSize = (size: unknown): boolean => Number.isSafeInteger(size) && (size as number) >= 0;

/** A source whose errors are ours, and which never gives fewer bytes than it was asked for. */
function checked(source: FileSource): FileSource {
  const { name, size } = source;
  return {
    name,
    size,
    async read(offset, length) {
      let bytes: Uint8Array;
      try {
        bytes = await source.read(offset, length);
      } catch (error) {
        throw FileError.of(name, "read", error);
      }
      if (bytes.length === length) return bytes;
      throw new FileError(
        `${name}: ${bytes.length} of ${length} bytes could be read at byte ${offset} of ${size}`,
        "something has changed the file since it was opened",
      );
    },
    close: async () => source.close?.(),
  };
}

/** Opens a source for as long as `use` runs. */
export async function withSource<T>(
  where: string,
  input: FileInput,
  use: (source: FileSource) => Promise<T>,
): Promise<T> {
  const source = await openSource(where, input);
  try {
    return await use(source);
  } finally {
    await source.close?.();
  }
}
