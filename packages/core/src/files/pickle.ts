import { show } from "../errors.js";
import type { Fail } from "./file-error.js";
import { checkKey } from "./parse-json.js";
import { damaged } from "./stored-type.js";

/** A class or function that a pickle names: not the thing itself, which does not exist here. */
export class Global {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** A dict or OrderedDict being built. */
type Dict = Record<string, unknown>;

/** What a pickle may ask for, and nothing else. */
export interface Unpickling {
  /** Gives what the name of a class or function stands for: undefined if it may not be named. */
  global(name: string): unknown;
  /** Gives what calling it gives. */
  call(name: string, args: readonly unknown[]): unknown;
  /** Gives what a persistent id stands for. */
  load(id: unknown): unknown;
}

const hint = "only tensors, numbers, texts, lists and dicts are read, and nothing in the file is run";

/**
 * Goes through a pickle (protocols 2 to 5) without running any of it: dicts become objects, lists and tuples arrays, None
 * null. Classes and functions are only names, which `host` allows or not. Each opcode takes bounded time.
 */
export function unpickle(bytes: Uint8Array, host: Unpickling, fail: Fail): unknown {
  return new Machine(bytes, host, fail).run();
}

class Machine {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #host: Unpickling;
  readonly #fail: Fail;
  readonly #stack: unknown[] = [];
  /** Places of marks on the stack. */
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, unknown>();
  #at = 0;

  constructor(bytes: Uint8Array, host: Unpickling, fail: Fail) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#host = host;
    this.#fail = (problem, way) => fail(`its pickle, byte ${this.#at}: ${problem}`, way);
  }

  run(): unknown {
    for (;;) {
      const code = this.#bytes[this.#take(1)]!;
      if (code === 0x2e) return this.#pop(); // STOP
      const step = steps[code];
      if (step === undefined) throw this.#fail(`opcode 0x${code.toString(16).padStart(2, "0")} is not read`, hint);
      step(this);
    }
  }

  /** Goes on by `length` bytes, and gives where they begin. */
  #take(length: number): number {
    const at = this.#at;
    if (at + length > this.#bytes.length) throw this.#fail(`it ends where ${length} bytes should follow`, damaged);
    this.#at += length;
    return at;
  }

  /** A whole number of 1, 2, 4 or 8 bytes. */
  uint(size: 1 | 2 | 4 | 8): number {
    const at = this.#take(size);
    if (size === 1) return this.#bytes[at]!;
    if (size === 2) return this.#view.getUint16(at, true);
    return size === 4 ? this.#view.getUint32(at, true) : Number(this.#view.getBigUint64(at, true));
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  float64(): number {
    return this.#view.getFloat64(this.#take(8));
  }

  text(length: number): string {
    const at = this.#take(length);
    return new TextDecoder().decode(this.#bytes.subarray(at, at + length));
  }

  /** Up to the end of the line. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    const length = (end < 0 ? this.#bytes.length : end) - this.#at;
    const text = this.text(length);
    this.#take(1);
    return text;
  }

  /** A number of any length, in two's complement; beyond 2⁵³ a bigint. */
  long(length: number): number | bigint {
    if (length > 64) throw this.#fail(`a number of ${length} bytes`, hint);
    const at = this.#take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#bytes[at + i]!);
    value = BigInt.asIntN(8 * length, value);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }

  push(value: unknown): void {
    this.#stack.push(value);
  }

  #pop(): unknown {
    const bottom = this.#marks.at(-1) ?? 0;
    if (this.#stack.length <= bottom) throw this.#fail("it takes what is not there", damaged);
    return this.#stack.pop();
  }

  #top(): unknown {
    const value = this.#pop();
    this.#stack.push(value);
    return value;
  }

  mark(): void {
    this.#marks.push(this.#stack.length);
  }

  /** Everything above the last mark. */
  popMark(): unknown[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw this.#fail("there is no mark", damaged);
    return this.#stack.splice(mark);
  }

  tuple(count: number): void {
    const items: unknown[] = [];
    for (let i = 0; i < count; i++) items.unshift(this.#pop());
    this.push(items);
  }

  pop(): void {
    this.#pop();
  }

  remember(key: number): void {
    this.#memo.set(key, this.#top());
  }

  memoize(): void {
    this.remember(this.#memo.size);
  }

  recall(key: number): void {
    if (!this.#memo.has(key)) throw this.#fail(`nothing has been remembered as ${key}`, damaged);
    this.push(this.#memo.get(key));
  }

  append(items: readonly unknown[]): void {
    const list = this.#top();
    if (!Array.isArray(list)) throw this.#fail("it appends to what is no list", damaged);
    for (const item of items) list.push(item);
  }

  appendOne(): void {
    const item = this.#pop();
    this.append([item]);
  }

  set(items: readonly unknown[]): void {
    const dict = this.#top();
    if (!isDict(dict) || items.length % 2 !== 0) throw this.#fail("it sets entries of what is no dict", damaged);
    for (let i = 0; i < items.length; i += 2) dict[this.#key(items[i])] = items[i + 1];
  }

  setOne(): void {
    const value = this.#pop();
    const key = this.#pop();
    this.set([key, value]);
  }

  #key(key: unknown): string {
    if (typeof key !== "string" && typeof key !== "number")
      throw this.#fail(`a dict has a key that is neither text nor number: ${show(key)}`, hint);
    checkKey(String(key), this.#fail);
    return String(key);
  }

  global(name: string): void {
    const value = this.#host.global(name);
    if (value === undefined) throw this.#fail(`it names ${show(name)}, which is not allowed`, hint);
    this.push(value);
  }

  stackGlobal(): void {
    const [name, module] = [this.#pop(), this.#pop()];
    if (typeof name !== "string" || typeof module !== "string") throw this.#fail("it names what is no text", damaged);
    this.global(`${module}.${name}`);
  }

  reduce(): void {
    const args = this.#pop();
    const callee = this.#pop();
    if (!(callee instanceof Global) || !Array.isArray(args)) throw this.#fail("it calls what is no function", damaged);
    this.push(this.#host.call(callee.name, args as unknown[]));
  }

  /** Attributes of a dict (PyTorch's `_metadata`) are left out; nothing else can have any. */
  build(): void {
    const state = this.#pop();
    const target = this.#top();
    if (!isDict(target) || !isDict(state)) throw this.#fail("it sets attributes of what is no dict", hint);
  }

  persistent(): void {
    this.push(this.#host.load(this.#pop()));
  }
}

const isDict = (value: unknown): value is Dict =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;

type Step = (machine: Machine) => void;

/** The opcodes that PyTorch's files use; Python's pickletools describes them. */
const steps: Readonly<Record<number, Step>> = {
  0x80: (m) => void m.uint(1), // PROTO
  0x95: (m) => void m.uint(8), // FRAME
  0x28: (m) => m.mark(),
  0x30: (m) => m.pop(),
  0x4e: (m) => m.push(null),
  0x88: (m) => m.push(true),
  0x89: (m) => m.push(false),
  0x4a: (m) => m.push(m.int32()), // BININT
  0x4b: (m) => m.push(m.uint(1)),
  0x4d: (m) => m.push(m.uint(2)),
  0x8a: (m) => m.push(m.long(m.uint(1))), // LONG1
  0x8b: (m) => m.push(m.long(m.uint(4))),
  0x47: (m) => m.push(m.float64()), // BINFLOAT, big-endian
  0x58: (m) => m.push(m.text(m.uint(4))), // BINUNICODE
  0x8c: (m) => m.push(m.text(m.uint(1))),
  0x8d: (m) => m.push(m.text(m.uint(8))),
  0x54: (m) => m.push(m.text(m.uint(4))), // BINSTRING, of Python 2
  0x55: (m) => m.push(m.text(m.uint(1))),
  0x7d: (m) => m.push({}), // EMPTY_DICT
  0x5d: (m) => m.push([]), // EMPTY_LIST
  0x29: (m) => m.push([]), // EMPTY_TUPLE
  0x85: (m) => m.tuple(1),
  0x86: (m) => m.tuple(2),
  0x87: (m) => m.tuple(3),
  0x74: (m) => m.push(m.popMark()), // TUPLE
  0x6c: (m) => m.push(m.popMark()), // LIST
  0x61: (m) => m.appendOne(),
  0x65: (m) => m.append(m.popMark()), // APPENDS
  0x73: (m) => m.setOne(),
  0x75: (m) => m.set(m.popMark()), // SETITEMS
  0x71: (m) => m.remember(m.uint(1)), // BINPUT
  0x72: (m) => m.remember(m.uint(4)),
  0x94: (m) => m.memoize(),
  0x68: (m) => m.recall(m.uint(1)), // BINGET
  0x6a: (m) => m.recall(m.uint(4)),
  0x63: (m) => m.global(`${m.line()}.${m.line()}`),
  0x93: (m) => m.stackGlobal(),
  0x52: (m) => m.reduce(),
  0x62: (m) => m.build(),
  0x51: (m) => m.persistent(), // BINPERSID
};
