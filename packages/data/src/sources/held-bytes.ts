import { FileError } from "@downhill/core/files";
import type { SourceOptions } from "./byte-stream.js";

/** What may be held of a line or a row, unless `maxBytes` says otherwise: 32 MiB. */
export const ROW_BYTES: number = 2 ** 25;
/** The same of what is read as a whole: an IDX file, an image, a batch of Arrow's. 2 GiB. */
export const WHOLE_BYTES: number = 2 ** 31;

/** An error for what would be held in memory and is too long: it may have no end. */
export function tooLong(what: string, most: number): FileError {
  return new FileError(
    `${what}: has more than ${most} bytes`,
    `if it should, say how many it may have: { maxBytes: … }`,
  );
}

/** Pieces of a file that have to be in memory together: few enough bytes of them, however much is to come. */
export class HeldBytes {
  readonly #most: number;
  #pieces: Uint8Array[] = [];
  #length = 0;

  constructor({ maxBytes }: SourceOptions, most: number) {
    this.#most = maxBytes ?? most;
  }

  get length(): number {
    return this.#length;
  }

  /** Takes one piece more; `what` is what an error is about. */
  add(piece: Uint8Array, what: () => string): void {
    this.#length += piece.length;
    if (this.#length > this.#most) throw tooLong(what(), this.#most);
    if (piece.length > 0) this.#pieces.push(piece);
  }

  /** All of them, in one piece. */
  all(): Uint8Array<ArrayBuffer> {
    const all = new Uint8Array(this.#length);
    let offset = 0;
    for (const piece of this.#pieces) {
      all.set(piece, offset);
      offset += piece.length;
    }
    this.#pieces = [all];
    return all;
  }

  /** Gives all of them away, and holds none. */
  take(): Uint8Array<ArrayBuffer> {
    const all = this.all();
    this.#pieces = [];
    this.#length = 0;
    return all;
  }
}
