import type { FileSource } from "./file-source.js";

/** Chunks of a file, in order. */
export type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** Where every `save` writes to in the place of a path, for storage of your own. */
export interface FileTarget {
  /** What errors call it. */
  readonly name: string;
  /** Replaces the file. Until all is written and safe, whoever opens it should find the old one. */
  write(chunks: Chunks): Promise<void>;
}

/** A file that can be read in parts, and written as a whole or not at all. */
export interface PlacedFile extends FileTarget {
  open(): Promise<FileSource>;
}

/** A file system whose files go by paths. */
export interface PathFiles {
  at(path: string): PlacedFile;
}
