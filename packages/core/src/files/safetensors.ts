import { checkOptions, show, ValueError } from "../errors.js";
import { itemSize } from "../dtype.js";
import { checkCount, sizeOf } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { FileError } from "./file-error.js";
import { type FileInput, openSource } from "./open-source.js";
import { type Place, targetOf } from "./place.js";
import type { FileTarget } from "./placed-file.js";
import { type LoadOptions, SafetensorsFile } from "./safetensors-file.js";
import { type Described, makeHeader } from "./safetensors-header.js";
import { openShards, saveShards } from "./shards.js";
import { type Named, snapshot, type Tensors } from "./snapshot.js";
import { bytesOf } from "./stored-type.js";

export interface LoadSafetensorsOptions extends LoadOptions {
  /** Which tensors to read; the others' bytes are not touched. Default: all. */
  readonly names?: readonly string[];
}

/** The options of `encodeSafetensors`. */
export interface EncodeSafetensorsOptions {
  /** Texts that go along, by name. Python's transformers wants `{ format: "pt" }`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The options of `saveSafetensors`. */
export interface SaveSafetensorsOptions extends EncodeSafetensorsOptions {
  /** Cuts what is larger into several files, with an index: see `saveSafetensors`. */
  readonly maxShardBytes?: number;
}

/**
 * Opens a safetensors file to read parts of it: only the header is read now. An index (`model.safetensors.index.json`)
 * opens the files that it names, which stand beside it; an array of files opens them all.
 *
 * Same as safetensors.safe_open.
 *
 * @throws FileError for a file that is missing, damaged, or contradicts itself.
 *
 * @example
 * const bytes = await encodeSafetensors({ w: ones([2, 3]), b: zeros([2]) }, { metadata: { author: "me" } });
 * const file = await openSafetensors(bytes);
 * file.names; // ["b", "w"]
 * file.describe("w"); // { dtype: "F32", shape: [2, 3] }
 * file.metadata; // { author: "me" }
 * const b = await file.get("b"); // tensor([0., 0.])
 * await file.close();
 */
export function openSafetensors(input: FileInput | readonly FileInput[]): Promise<SafetensorsFile> {
  return openFiles("openSafetensors", input);
}

/** As `openSafetensors`, for a function of another name. */
export async function openFiles(where: string, input: FileInput | readonly FileInput[]): Promise<SafetensorsFile> {
  const sources = [];
  try {
    for (const each of Array.isArray(input) ? (input as readonly FileInput[]) : [input as FileInput]) {
      const shards = await openShards(where, each);
      sources.push(...(shards ?? [await openSource(where, each)]));
    }
    return await SafetensorsFile.open(sources);
  } catch (error) {
    for (const source of sources) await source.close?.();
    throw error;
  }
}

/**
 * Reads the tensors of a safetensors file, by name. Same as safetensors.torch.load_file.
 *
 * bfloat16 becomes float32, integers of any width int32 (beyond its range is an error that names the tensor).
 * PyTorch's names are snake_case: see `fromTorchNames`.
 *
 * @param input A path, a file: URL, bytes, a Blob; an index of several files, or an array of them.
 * @throws FileError for a file that is missing, damaged, or contradicts itself.
 *
 * @example
 * const bytes = await encodeSafetensors(model.stateDict());
 * model.loadStateDict(await loadSafetensors(bytes));
 */
export async function loadSafetensors(
  input: FileInput | readonly FileInput[],
  options: LoadSafetensorsOptions = {},
): Promise<Record<string, Tensor>> {
  checkOptions("loadSafetensors", options, ["names", "device"]);
  const { names, ...load } = options;
  if (names !== undefined && !Array.isArray(names))
    throw new ValueError(`loadSafetensors: names must be an array of names, got ${show(names)}`);
  const file = await openFiles("loadSafetensors", input);
  try {
    const entries: [string, Tensor][] = [];
    const wanted: readonly string[] = names ?? file.names;
    for (const name of wanted) entries.push([name, await file.get(name, load)]);
    return Object.fromEntries(entries);
  } finally {
    await file.close();
  }
}

/**
 * Writes tensors in the safetensors format, and returns the bytes. Same as safetensors.torch.save, and the same bytes.
 *
 * @throws ValueError for what is no tensor, or metadata that is no text.
 *
 * @example
 * const bytes = await encodeSafetensors({ x: tensor([1, 2, 3]) });
 * const { x } = await loadSafetensors(bytes);
 * await x.tolist(); // [1, 2, 3]
 */
export async function encodeSafetensors(
  tensors: Tensors,
  options: EncodeSafetensorsOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  checkOptions("encodeSafetensors", options, ["metadata"]);
  return joined(chunksOf(snapshot("encodeSafetensors", tensors), checkMetadata("encodeSafetensors", options.metadata)));
}

/** What a file is made of, as one array. */
export async function joined(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/**
 * Saves tensors as a safetensors file, with their values as of the call. Same as safetensors.torch.save_file; every
 * library that reads the format reads it.
 *
 * The file is written under another name, brought to the disk and renamed: until then the old one stands. With
 * `maxShardBytes`, what is larger becomes `model-00001-of-00003.safetensors` and so on, and then
 * `model.safetensors.index.json`, which `loadSafetensors` takes.
 *
 * @param target A path (in a page: of its private file system), a file: URL, a file handle, or a target of one's own.
 * @throws FileError where nothing can be written; ValueError for what is no tensor.
 *
 * @example
 * await saveSafetensors("model.safetensors", model.stateDict());
 * model.loadStateDict(await loadSafetensors("model.safetensors"));
 */
export async function saveSafetensors(
  target: Place | FileTarget,
  tensors: Tensors,
  options: SaveSafetensorsOptions = {},
): Promise<void> {
  const where = "saveSafetensors";
  checkOptions(where, options, ["metadata", "maxShardBytes"]);
  const { maxShardBytes = Infinity } = options;
  if (maxShardBytes !== Infinity) checkCount(where, "maxShardBytes", maxShardBytes, 1);
  const metadata = checkMetadata(where, options.metadata);
  const file = targetOf(where, target);
  const values = snapshot(where, tensors);
  const sizes = values.map(([, { shape, dtype }]) => sizeOf(shape) * itemSize[dtype]);
  if (sizes.reduce((sum, size) => sum + size, 0) <= maxShardBytes) return file.write(chunksOf(values, metadata));
  return saveShards(where, target, values, sizes, maxShardBytes, (some) => chunksOf(some, metadata));
}

function checkMetadata(where: string, metadata: unknown = {}): Readonly<Record<string, string>> {
  if (typeof metadata !== "object" || metadata === null || Array.isArray(metadata))
    throw new ValueError(`${where}: metadata must be an object of texts, got ${show(metadata)}`);
  for (const [name, text] of Object.entries(metadata)) {
    if (typeof text !== "string")
      throw new ValueError(`${where}: metadata ${show(name)} is ${show(text)}, no text`, "JSON.stringify it");
  }
  return metadata as Record<string, string>;
}

// The widest elements first, so that all are aligned, then by name: as the format's own library does.
const order: readonly string[] = ["float64", "float32", "int32", "float16", "uint8", "bool"];

/** Writes a file tensor by tensor, so that one of them is in the host's memory at a time. */
export async function* chunksOf(
  tensors: readonly Named[],
  metadata: Readonly<Record<string, string>>,
): AsyncGenerator<Uint8Array> {
  const sorted = tensors
    .slice()
    .sort(([a, x], [b, y]) => order.indexOf(x.dtype) - order.indexOf(y.dtype) || (a < b ? -1 : 1));
  const described = sorted.map(([name, { dtype, shape }]): Described => {
    if (name === "__metadata__" || name === "__proto__")
      throw new FileError(`${show(name)}: no tensor of a file can be named so`, "give it another name");
    return { name, dtype, shape, bytes: sizeOf(shape) * itemSize[dtype] };
  });
  yield makeHeader(described, metadata);
  for (const [, tensor] of sorted) yield bytesOf(await tensor.data(), tensor.dtype);
}
