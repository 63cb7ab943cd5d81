import { show, ValueError } from "../errors.js";
import { tensor } from "../creation.js";
import { Tensor } from "../tensor.js";
import type { Fail } from "./file-error.js";
import { checkKey } from "./parse-json.js";
import type { Named } from "./snapshot.js";
import { damaged } from "./stored-type.js";

/** Deeper ones are taken for circular. */
export const MAX_DEPTH = 60;

/** State as JSON: what JSON lacks is an object with one key that begins with $. Keys of its own that do get another $. */
type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const arrays = { Uint8Array, Int32Array, Float32Array, Float64Array };
type ArrayName = keyof typeof arrays;

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** Takes state apart into JSON and tensors with names of their own: a dotted path where that is free. */
export class StateWriter {
  readonly tensors: Named[] = [];
  readonly #names = new Set<string>();
  readonly #where: string;

  constructor(where: string) {
    this.#where = where;
  }

  write(value: unknown, path: string, depth: number = 0): Json {
    if (depth > MAX_DEPTH) throw new ValueError(`${this.#where}: ${path} is nested too deep, or circular`);
    if (value === null || typeof value === "boolean" || typeof value === "string") return value;
    if (typeof value === "number")
      return Number.isFinite(value) && !Object.is(value, -0) ? value : { $number: text(value) };
    if (value === undefined) return { $undefined: true };
    if (typeof value === "bigint") return { $bigint: String(value) };
    if (value instanceof Tensor) return { $tensor: this.#keep(path, value) };
    if (Array.isArray(value)) return value.map((item, i) => this.write(item, `${path}.${i}`, depth + 1));
    if (ArrayBuffer.isView(value)) return this.#writeArray(value, path);
    if (typeof value !== "object" || !isPlain(value)) {
      throw new ValueError(
        `${this.#where}: ${path} is ${show(value)}, which no checkpoint holds`,
        "it takes what has stateDict and loadStateDict, tensors, numbers, texts, arrays and plain objects",
      );
    }
    return this.#writeObject(value, path, depth);
  }

  #writeObject(value: object, path: string, depth: number): Json {
    const entries = Object.entries(value).map(([key, item]): [string, Json] => {
      if (key === "__proto__") throw new ValueError(`${this.#where}: ${path} has a key "__proto__"`, "rename it");
      return [key.startsWith("$") ? `$${key}` : key, this.write(item, `${path}.${key}`, depth + 1)];
    });
    return Object.fromEntries(entries);
  }

  #writeArray(value: ArrayBufferView, path: string): Json {
    const name = value.constructor.name;
    if (!Object.hasOwn(arrays, name)) {
      throw new ValueError(
        `${this.#where}: ${path} is a ${name}, which no checkpoint holds`,
        `it takes ${Object.keys(arrays).join(", ")}`,
      );
    }
    return { $array: this.#keep(path, tensor(value as Uint8Array, { device: "cpu" })), type: name };
  }

  #keep(path: string, value: Tensor): string {
    let name = path;
    for (let n = 2; this.#names.has(name); n++) name = `${path}#${n}`;
    this.#names.add(name);
    this.tensors.push([name, value]);
    return name;
  }
}

const text = (value: number): string => (Object.is(value, -0) ? "-0" : String(value));
const numbers: Readonly<Record<string, number>> = { NaN, Infinity, "-Infinity": -Infinity, "-0": -0 };

/** Puts together what a StateWriter took apart. */
export class StateReader {
  readonly #load: (name: string) => Promise<Tensor>;
  readonly #fail: Fail;
  readonly #read = new Set<string>();

  constructor(load: (name: string) => Promise<Tensor>, fail: Fail) {
    this.#load = load;
    this.#fail = fail;
  }

  /** A writer names each tensor once; a file that does it a million times would fill the memory. */
  #get(name: string): Promise<Tensor> {
    if (this.#read.has(name)) throw this.#fail(`tensor ${show(name)} stands in it twice`, damaged);
    this.#read.add(name);
    return this.#load(name);
  }

  /** `json` has been checked for depth and names. */
  async read(json: unknown, path: string): Promise<unknown> {
    if (typeof json !== "object" || json === null) return json;
    if (Array.isArray(json)) {
      const items: unknown[] = [];
      for (const [i, item] of json.entries()) items.push(await this.read(item, `${path}.${i}`));
      return items;
    }
    const [first] = Object.keys(json);
    if (first?.startsWith("$") && !first.startsWith("$$"))
      return this.#special(json as Record<string, unknown>, first, path);
    const entries: [string, unknown][] = [];
    for (const [key, item] of Object.entries(json)) {
      const name = key.startsWith("$$") ? key.slice(1) : key;
      checkKey(name, this.#fail);
      entries.push([name, await this.read(item, `${path}.${name}`)]);
    }
    return Object.fromEntries(entries);
  }

  async #special(json: Record<string, unknown>, kind: string, path: string): Promise<unknown> {
    const value = json[kind];
    if (kind === "$undefined") return undefined;
    if (typeof value === "string") {
      if (kind === "$number" && Object.hasOwn(numbers, value)) return numbers[value];
      if (kind === "$bigint" && /^-?\d{1,400}$/.test(value)) return BigInt(value);
      if (kind === "$tensor") return this.#get(value);
      if (kind === "$array" && Object.hasOwn(arrays, String(json.type))) {
        const data = await (await this.#get(value)).data();
        if (data.constructor === arrays[json.type as ArrayName]) return data;
      }
    }
    throw this.#fail(`${path} is ${show(json)}, which no checkpoint holds`, damaged);
  }
}
