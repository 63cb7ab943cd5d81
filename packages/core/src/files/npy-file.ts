import type { DType } from "../dtype.js";
import { fromHost } from "../creation.js";
import { checkOptions, IndexError, show } from "../errors.js";
import { type Shape, sizeOf } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { type Fail, failer } from "./file-error.js";
import type { FileSource } from "./file-source.js";
import { HEADER_END, type NpyHeader, readNpyHeader } from "./npy-format.js";
import { type FileInput, openSource } from "./open-source.js";
import type { LoadOptions } from "./safetensors-file.js";
import { dtypeOf, readElements, storedSize } from "./stored-type.js";

/** An open npy file: its shape is known, rows are read when asked for. `openNpy` makes one. */
export class NpyFile {
  readonly shape: Shape;
  /** What its rows become. */
  readonly dtype: DType;
  readonly #source: FileSource;
  readonly #header: NpyHeader;
  readonly #fail: Fail;

  private constructor(source: FileSource, header: NpyHeader, fail: Fail) {
    this.shape = header.shape;
    this.dtype = dtypeOf(header.type);
    this.#source = source;
    this.#header = header;
    this.#fail = fail;
  }

  /** @internal */
  static async open(source: FileSource): Promise<NpyFile> {
    const fail = failer(source.name);
    const bytes = await source.read(0, Math.min(source.size, HEADER_END));
    const header = readNpyHeader(bytes, source.size, fail);
    if (header.shape.length === 0) throw fail("it holds one number, no rows", "loadNpy reads it");
    if (header.fortran && header.shape.length > 1)
      throw fail(
        "its elements stand column by column (fortran_order), so a row is in no one place",
        "loadNpy reads it as a whole; or save numpy.ascontiguousarray(array)",
      );
    return new NpyFile(source, header, fail);
  }

  /** Bytes of a row in the file. */
  get rowBytes(): number {
    return sizeOf(this.shape.slice(1)) * storedSize(this.#header.type);
  }

  /**
   * Reads the rows from `start` to before `end`: shape [end - start, ...].
   *
   * @throws IndexError for rows that there are not; FileError for integers beyond int32.
   */
  async rows(start: number, end: number, options: LoadOptions = {}): Promise<Tensor> {
    const where = "NpyFile.rows";
    checkOptions(where, options, ["device"]);
    const [count, ...rest] = this.shape;
    const isRow = (row: number): boolean => Number.isSafeInteger(row) && row >= 0 && row <= count!;
    if (!isRow(start) || !isRow(end) || start > end)
      throw new IndexError(`${where}: there are ${count!} rows, got ${show(start)} to ${show(end)}`);
    const { type, bigEndian, start: first } = this.#header;
    const { rowBytes } = this;
    const bytes = await this.#source.read(first + start * rowBytes, (end - start) * rowBytes);
    const about: Fail = (problem, way) => this.#fail(`rows ${start} to ${end - 1}: ${problem}`, way);
    const { data, dtype } = readElements(type, bytes, bigEndian, about);
    return fromHost(where, data, [end - start, ...rest], dtype, options);
  }

  /** Closes the file. */
  async close(): Promise<void> {
    await this.#source.close?.();
  }

  /** The same as `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * Opens a file of NumPy's of which rows are read as they are asked for: for arrays that are larger than the memory. Same as
 * numpy.load with mmap_mode="r".
 *
 * @throws FileError as `loadNpy`, and for arrays in Fortran's order.
 *
 * @example
 * const file = await openNpy(await encodeNpy(arange(6).reshape([3, 2])));
 * await (await file.rows(1, 3)).tolist(); // [[2, 3], [4, 5]]
 * await file.close();
 */
export async function openNpy(input: FileInput): Promise<NpyFile> {
  const source = await openSource("openNpy", input);
  try {
    return await NpyFile.open(source);
  } catch (error) {
    await source.close?.();
    throw error;
  }
}
