import { fromHost } from "../creation.js";
import { checkOptions, DTypeError, show } from "../errors.js";
import { type Shape, sizeOf } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { type Fail, failer } from "./file-error.js";
import { type FileInput, withSource } from "./open-source.js";
import { Global, unpickle } from "./pickle.js";
import type { LoadOptions } from "./safetensors-file.js";
import { countElements, damaged, type Elements, readElements, storedSize, type StoredType } from "./stored-type.js";
import { gather } from "./strided.js";
import { ZipFile } from "./zip.js";
import type { ZipEntry } from "./zip-directory.js";

/** What torch.save can have written: tensors, numbers, texts, booleans, null, and arrays and objects of them. */
export type TorchValue =
  Tensor | number | bigint | string | boolean | null | TorchValue[] | { [name: string]: TorchValue };

/** Storages by what PyTorch calls their classes. */
const storages: Readonly<Record<string, StoredType>> = {
  BoolStorage: "bool",
  ByteStorage: "uint8",
  CharStorage: "int8",
  ShortStorage: "int16",
  IntStorage: "int32",
  LongStorage: "int64",
  HalfStorage: "float16",
  BFloat16Storage: "bfloat16",
  FloatStorage: "float32",
  DoubleStorage: "float64",
};

/** The only functions that a file may name. */
const functions: ReadonlySet<string> = new Set([
  "collections.OrderedDict",
  "torch.Size",
  "torch.device",
  "torch._utils._rebuild_tensor",
  "torch._utils._rebuild_tensor_v2",
  "torch._utils._rebuild_parameter",
]);

/** What a name of the pickle stands for: dtypes are their own names. */
function globalOf(name: string): unknown {
  if (functions.has(name) || storageOf(name) !== undefined) return new Global(name);
  return /^torch\.(?:float|bfloat|int|uint|complex)\d+$|^torch\.bool$/.test(name) ? name.slice(6) : undefined;
}

const storageOf = (name: string): StoredType | undefined => {
  const short = name.startsWith("torch.") ? name.slice(6) : "";
  return Object.hasOwn(storages, short) ? storages[short] : undefined;
};

/** Elements that tensors of a file share. */
class Storage {
  readonly key: string;
  readonly type: StoredType;
  readonly length: number;
  constructor(key: string, type: StoredType, length: number) {
    this.key = key;
    this.type = type;
    this.length = length;
  }
}

/** A tensor as it stands in the pickle. */
class View {
  readonly storage: Storage;
  readonly offset: number;
  readonly shape: Shape;
  readonly strides: readonly number[];
  constructor(storage: Storage, offset: number, shape: Shape, strides: readonly number[]) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}

/**
 * Reads what torch.save wrote: a tensor, a state dict, or lists and dicts of tensors, numbers and texts to any depth.
 * Nothing in the file is run: it may name a handful of classes and functions, and any other is an error that says which.
 *
 * bfloat16 becomes float32, integers of any width int32 (beyond its range is an error). Dicts become objects,
 * tuples arrays. PyTorch's names are snake_case: see `fromTorchNames`. Same as torch.load with weights_only=True, for
 * the zip files that PyTorch writes since 1.6.
 *
 * @param input A path, a file: URL, bytes, a Blob.
 * @throws FileError for a file that is missing or damaged, or that names what is not allowed.
 *
 * @example
 * const load = async () => model.loadStateDict(fromTorchNames((await loadTorch("model.pt")) as Record<string, Tensor>));
 */
export async function loadTorch(input: FileInput, options: LoadOptions = {}): Promise<TorchValue> {
  checkOptions("loadTorch", options, ["device"]);
  return withSource("loadTorch", input, async (source) => {
    const fail = failer(source.name);
    if (source.size >= 2 && (await source.read(0, 1))[0] === 0x80)
      throw fail("it is of PyTorch before 1.6, or a plain pickle", "load it there, and torch.save it again");
    const zip = await ZipFile.open(source, fail);
    const pickles = [...zip.entries.values()].filter(({ name }) => /^[^/]+\/data\.pkl$/.test(name));
    const [pickle] = pickles;
    if (pickle === undefined || pickles.length > 1)
      throw fail(
        "it has no data.pkl, which torch.save writes",
        "loadNpz reads NumPy's files, loadSafetensors safetensors",
      );
    return new TorchFile(zip, pickle.name.slice(0, -"data.pkl".length), fail).read(pickle, options);
  });
}

/** A zip file that torch.save wrote; its parts stand in a folder. */
class TorchFile {
  readonly #zip: ZipFile;
  readonly #folder: string;
  readonly #fail: Fail;
  readonly #elements = new Map<string, Elements>();

  constructor(zip: ZipFile, folder: string, fail: Fail) {
    this.#zip = zip;
    this.#folder = folder;
    this.#fail = fail;
  }

  async read(entry: ZipEntry, options: LoadOptions): Promise<TorchValue> {
    const bytes = await this.#zip.read(entry);
    // The first time through tells which storages are needed, the second makes the tensors.
    const needed = new Map<string, Storage>();
    let grown = 0;
    this.#unpickle(bytes, ({ storage, shape }) => {
      grown += sizeOf(shape) * storedSize(storage.type);
      const other = needed.get(storage.key);
      if (other !== undefined && (other.type !== storage.type || other.length !== storage.length))
        throw this.#fail(`storage ${show(storage.key)} is of two kinds`, damaged);
      needed.set(storage.key, storage);
      return null;
    });
    for (const { type, length } of needed.values()) grown -= length * storedSize(type);
    this.#zip.growth.add(grown, this.#fail);
    const bigEndian = await this.#isBigEndian();
    for (const storage of needed.values()) this.#elements.set(storage.key, await this.#readStorage(storage, bigEndian));
    const value = this.#unpickle(bytes, (view) => this.#tensor(view, options));
    return checkValue(value, this.#fail);
  }

  #entry(name: string): ZipEntry | undefined {
    return this.#zip.entries.get(this.#folder + name);
  }

  async #isBigEndian(): Promise<boolean> {
    const entry = this.#entry("byteorder"); // since PyTorch 2.1
    return entry !== undefined && new TextDecoder().decode(await this.#zip.read(entry)) === "big";
  }

  async #readStorage({ key, type, length }: Storage, bigEndian: boolean): Promise<Elements> {
    const fail: Fail = (problem, way) => this.#fail(`storage ${show(key)}: ${problem}`, way);
    const entry = this.#entry(`data/${key}`);
    if (entry === undefined) throw fail("it is not in the file", damaged);
    if (entry.size !== length * storedSize(type))
      throw fail(
        `${length} elements of ${type} take ${length * storedSize(type)} bytes, it has ${entry.size}`,
        damaged,
      );
    return readElements(type, await this.#zip.read(entry), bigEndian, fail);
  }

  #tensor({ storage, offset, shape, strides }: View, options: LoadOptions): Tensor {
    const { dtype, data } = this.#elements.get(storage.key)!;
    const view = { shape, strides, offset };
    try {
      return fromHost("loadTorch", gather(data, dtype, view), shape, dtype, options);
    } catch (error) {
      throw error instanceof DTypeError ? this.#fail(error.message) : error;
    }
  }

  #unpickle(bytes: Uint8Array, make: (view: View) => Tensor | null): unknown {
    const fail = this.#fail;
    return unpickle(
      bytes,
      {
        global: globalOf,
        call: (name, args) => {
          if (name === "collections.OrderedDict" && args.length === 0) return {};
          if (name === "torch.Size" && Array.isArray(args[0])) return args[0] as unknown[];
          if (name === "torch.device" && typeof args[0] === "string") return args[0];
          if (name === "torch._utils._rebuild_parameter") return args[0];
          if (name.startsWith("torch._utils._rebuild_tensor")) return make(viewOf(args, fail));
          throw fail(`its pickle calls ${show(name)} with ${args.length} arguments`, damaged);
        },
        load: (id) => readStorageId(id, fail),
      },
      fail,
    );
  }
}

/** What stands for a storage: ("storage", its class, its key, where it was, its length). */
function readStorageId(id: unknown, fail: Fail): Storage {
  const [kind, storage, key, , length] = Array.isArray(id) ? (id as unknown[]) : [];
  if (kind !== "storage" || !(storage instanceof Global) || typeof key !== "string" || !isSize(length))
    throw fail("its pickle refers to what is no storage", damaged);
  const type = storageOf(storage.name);
  if (type === undefined) throw fail(`storage ${show(key)} is of ${show(storage.name)}, which is none`, damaged);
  return new Storage(key, type, length);
}

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** Checks that every element of a view lies in its storage. */
function viewOf(args: readonly unknown[], fail: Fail): View {
  const [storage, offset, shape, strides] = args;
  if (!(storage instanceof Storage) || !isSize(offset)) throw fail("a tensor of its has no storage", damaged);
  const count = countElements(shape, fail);
  const sizes = shape as number[];
  if (!Array.isArray(strides) || strides.length !== sizes.length || !strides.every(isSize))
    throw fail(`a tensor of shape ${show(shape)} has strides ${show(strides)}`, damaged);
  const steps = strides;
  const last = sizes.reduce((sum, size, dim) => sum + (size - 1) * steps[dim]!, offset);
  if (count > 0 && last >= storage.length)
    throw fail(`a tensor reaches element ${last} of a storage of ${storage.length}`, damaged);
  return new View(storage, offset, sizes.slice(), steps.slice());
}

/** Refuses what a pickle may hold but a caller could do nothing with: bare classes and storages. */
function checkValue(value: unknown, fail: Fail): TorchValue {
  const seen = new Set<unknown>();
  const open = [value];
  while (open.length > 0) {
    const item = open.pop();
    if (item instanceof Global || item instanceof Storage)
      throw fail(`it holds ${item instanceof Global ? show(item.name) : "a storage"} as a value`, "save tensors");
    if (typeof item !== "object" || item === null || seen.has(item)) continue;
    seen.add(item);
    if (Array.isArray(item) || Object.getPrototypeOf(item) === Object.prototype)
      for (const part of Object.values(item)) open.push(part);
  }
  return value as TorchValue;
}
