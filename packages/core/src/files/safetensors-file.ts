import type { Device } from "../backend/device.js";
import { fromHost } from "../creation.js";
import { DTypeError, show } from "../errors.js";
import type { Shape } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { type Fail, failer, FileError } from "./file-error.js";
import type { FileSource } from "./file-source.js";
import { type HeaderEntry, readHeader } from "./safetensors-header.js";
import { readElements } from "./stored-type.js";

/** Where tensors of a file go. */
export interface LoadOptions {
  /** Default: the default device. */
  readonly device?: string | Device;
}

/** A tensor in a file, before it is read. */
export interface TensorInfo {
  /** What the file calls its elements: "F32", "BF16" or another. */
  readonly dtype: string;
  readonly shape: Shape;
}

interface Placed {
  readonly source: FileSource;
  readonly fail: Fail;
  readonly entry: HeaderEntry;
}

/**
 * An open safetensors file, or several that belong together: names, shapes and metadata are known, tensors are read when
 * asked for. `openSafetensors` makes one.
 */
export class SafetensorsFile {
  /** What errors call it. */
  readonly name: string;
  /** The file's own texts by name; those of several files together. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly #tensors: ReadonlyMap<string, Placed>;
  readonly #sources: readonly FileSource[];

  private constructor(
    sources: readonly FileSource[],
    tensors: ReadonlyMap<string, Placed>,
    metadata: Readonly<Record<string, string>>,
  ) {
    this.name = sources.map((source) => source.name).join(", ");
    this.#sources = sources;
    this.#tensors = tensors;
    this.metadata = metadata;
  }

  /** @internal Reads the headers of opened files. */
  static async open(sources: readonly FileSource[]): Promise<SafetensorsFile> {
    const tensors = new Map<string, Placed>();
    const metadata = new Map<string, string>();
    for (const source of sources) {
      const fail = failer(source.name);
      const header = await readHeader(source, fail);
      for (const [name, entry] of header.entries) {
        const other = tensors.get(name);
        if (other !== undefined) throw fail(`tensor ${show(name)} is in ${other.source.name} too`);
        tensors.set(name, { source, fail, entry });
      }
      for (const [name, text] of Object.entries(header.metadata)) metadata.set(name, text);
    }
    return new SafetensorsFile(sources, tensors, Object.fromEntries(metadata));
  }

  /** Names of the tensors, in the file's order. */
  get names(): string[] {
    return [...this.#tensors.keys()];
  }

  /** Tells a tensor's type and shape without reading it. */
  describe(name: string): TensorInfo {
    const { code, shape } = this.#find(name).entry;
    return { dtype: code, shape };
  }

  /**
   * Reads one tensor.
   *
   * @throws FileError for a name or a type that there is not; for an integer beyond int32.
   */
  async get(name: string, options: LoadOptions = {}): Promise<Tensor> {
    const { source, fail, entry } = this.#find(name);
    const { type, code, shape, offset, length } = entry;
    const about: Fail = (problem, way) => fail(`tensor ${show(name)}: ${problem}`, way);
    if (type === null)
      throw about(`its type ${show(code)} is none that tensors have here`, "leave it out: names: [...]");
    const { dtype, data } = readElements(type, await source.read(offset, length), false, about);
    try {
      return fromHost("loadSafetensors", data, shape, dtype, options);
    } catch (error) {
      throw error instanceof DTypeError ? about(error.message) : error;
    }
  }

  #find(name: string): Placed {
    const found = this.#tensors.get(name);
    if (found !== undefined) return found;
    const [first, ...more] = this.names.slice(0, 8).map(show);
    const there = first === undefined ? "none" : `${[first, ...more].join(", ")}${this.#tensors.size > 8 ? ", …" : ""}`;
    throw new FileError(`${this.name}: there is no tensor ${show(name)}`, `there are: ${there}`);
  }

  /** Closes the file. */
  async close(): Promise<void> {
    for (const source of this.#sources) await source.close?.();
  }

  /** The same as `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
