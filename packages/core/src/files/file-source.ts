/**
 * Bytes of which parts can be read: what every `load` takes in the place of a path, for storage of your own.
 *
 * @example
 * const bytes = new Uint8Array(16);
 * const source: FileSource = { name: "zeros", size: 16, read: async (offset, length) => bytes.subarray(offset, offset + length) };
 */
export interface FileSource {
  /** What errors call it. */
  readonly name: string;
  /** Number of bytes. */
  readonly size: number;
  /** Reads `length` bytes from `offset` on, all of which lie within `size`. The caller does not change them. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Called when nothing more will be read. */
  close?(): Promise<void>;
}

/** What we use of a Blob or a File. */
export interface BlobLike {
  readonly size: number;
  /** The bytes from one place to another. */
  slice(
    start: number,
    end: number,
  ): {
    /** The bytes themselves. */
    arrayBuffer(): Promise<ArrayBuffer>;
  };
}

/** Bytes in memory. */
export function bytesSource(bytes: Uint8Array): FileSource {
  return {
    name: "the bytes given",
    size: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
  };
}

/** A Blob, or a File, which has a name. */
export function blobSource(blob: BlobLike): FileSource {
  const { name } = blob as { name?: unknown };
  return {
    name: typeof name === "string" && name !== "" ? name : "the Blob given",
    size: blob.size,
    read: async (offset, length) => new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer()),
  };
}
