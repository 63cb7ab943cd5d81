import { fromHost } from "../creation.js";
import { checkFlag, checkOptions, DTypeError, show } from "../errors.js";
import type { Tensor } from "../tensor.js";
import { type Fail, failer } from "./file-error.js";
import { type FileInput, withSource } from "./open-source.js";
import { makeNpy, parseNpy } from "./npy-format.js";
import { checkKey } from "./parse-json.js";
import { type Place, targetOf } from "./place.js";
import type { FileTarget } from "./placed-file.js";
import { joined } from "./safetensors.js";
import type { LoadOptions } from "./safetensors-file.js";
import { type Named, snapshot, type Tensors } from "./snapshot.js";
import { makeZip, ZipFile } from "./zip.js";

/** The options of `encodeNpz`. */
export interface EncodeNpzOptions {
  /** Whether to deflate the arrays, as numpy.savez_compressed. Default: false. */
  readonly compressed?: boolean;
}

/**
 * Reads an array of NumPy's: a file that numpy.save wrote, in either byte order and either layout.
 *
 * Integers of any width become int32 (beyond its range is an error). Objects, text, records and
 * complex numbers are errors. Same as numpy.load.
 *
 * @param input A path, a file: URL, bytes, a Blob.
 * @throws FileError for a file that is missing, damaged, or holds no numbers.
 *
 * @example
 * const bytes = await encodeNpy(tensor([[1, 2], [3, 4]]));
 * const x = await loadNpy(bytes); // tensor([[1., 2.], [3., 4.]])
 */
export async function loadNpy(input: FileInput, options: LoadOptions = {}): Promise<Tensor> {
  checkOptions("loadNpy", options, ["device"]);
  return withSource("loadNpy", input, async (source) => {
    const fail = failer(source.name);
    return toTensor("loadNpy", await source.read(0, source.size), options, fail);
  });
}

function toTensor(where: string, bytes: Uint8Array, options: LoadOptions, fail: Fail): Tensor {
  const { data, dtype, shape } = parseNpy(bytes, fail);
  try {
    return fromHost(where, data, shape, dtype, options);
  } catch (error) {
    throw error instanceof DTypeError ? fail(error.message) : error;
  }
}

/**
 * Reads the arrays of an npz file, by name: what numpy.savez and numpy.savez_compressed wrote. As `loadNpy`, and with
 * bounded memory: what would unpack to more than 1 GiB beyond the file's size is an error. Same as numpy.load.
 *
 * @example
 * const bytes = await encodeNpz({ x: ones([2]), y: zeros([1]) }, { compressed: true });
 * const { x, y } = await loadNpz(bytes);
 * await x.tolist(); // [1, 1]
 */
export async function loadNpz(input: FileInput, options: LoadOptions = {}): Promise<Record<string, Tensor>> {
  checkOptions("loadNpz", options, ["device"]);
  return withSource("loadNpz", input, async (source) => {
    const fail = failer(source.name);
    const zip = await ZipFile.open(source, fail);
    const arrays: Named[] = [];
    for (const entry of zip.entries.values()) {
      const name = entry.name.replace(/\.npy$/, "");
      checkKey(name, fail);
      const about: Fail = (problem, way) => fail(`array ${show(name)}: ${problem}`, way);
      arrays.push([name, toTensor("loadNpz", await zip.read(entry), options, about)]);
    }
    return Object.fromEntries(arrays);
  });
}

async function* npyChunks(tensor: Tensor): AsyncGenerator<Uint8Array> {
  yield* makeNpy(tensor.dtype, tensor.shape, await tensor.data());
}

/** Writes a tensor in NumPy's format, and returns the bytes: those of numpy.save. */
export async function encodeNpy(x: Tensor): Promise<Uint8Array<ArrayBuffer>> {
  const [[, value]] = snapshot("encodeNpy", { x }) as [Named];
  return joined(npyChunks(value));
}

/**
 * Saves a tensor as a file of NumPy's, with its value as of the call. The old file stands until the new one is complete.
 * Same as numpy.save.
 *
 * @example
 * await saveNpy("x.npy", tensor([1, 2, 3]));
 * const x = await loadNpy("x.npy"); // tensor([1., 2., 3.])
 */
export async function saveNpy(target: Place | FileTarget, x: Tensor): Promise<void> {
  const file = targetOf("saveNpy", target);
  const [[, value]] = snapshot("saveNpy", { x }) as [Named];
  await file.write(npyChunks(value));
}

/** Writes tensors as an npz file of NumPy's, and returns the bytes. Same as numpy.savez. */
export async function encodeNpz(tensors: Tensors, options: EncodeNpzOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  checkOptions("encodeNpz", options, ["compressed"]);
  return packed(snapshot("encodeNpz", tensors), options);
}

/**
 * Saves tensors as an npz file of NumPy's, with their values as of the call; at most 4 GiB. The old file stands until the
 * new one is complete. Same as numpy.savez, and with `compressed` as numpy.savez_compressed.
 *
 * @example
 * await saveNpz("data.npz", { x: ones([2, 2]), y: zeros([2]) });
 */
export async function saveNpz(
  target: Place | FileTarget,
  tensors: Tensors,
  options: EncodeNpzOptions = {},
): Promise<void> {
  checkOptions("saveNpz", options, ["compressed"]);
  const file = targetOf("saveNpz", target);
  const bytes = packed(snapshot("saveNpz", tensors), options);
  await file.write([await bytes]);
}

async function packed(
  tensors: readonly Named[],
  { compressed = false }: EncodeNpzOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  checkFlag("npz: compressed", compressed);
  const files: [string, Uint8Array][] = [];
  for (const [name, tensor] of tensors) files.push([`${name}.npy`, await joined(npyChunks(tensor))]);
  return makeZip(files, compressed);
}
