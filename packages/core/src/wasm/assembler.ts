import { Bytes } from "./bytes.js";
import { type Access, codes, isAtomic, type LaneAccess, type LaneOp, type Plain } from "./opcodes.js";

export type { Access, Plain } from "./opcodes.js";

/** A value type of WebAssembly. */
export type ValueType = "i32" | "i64" | "f32" | "f64" | "v128";

const typeCodes: Record<ValueType, number> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };

const scratch = new DataView(new ArrayBuffer(16));
const [four, eight, sixteen] = [4, 8, 16].map((length) => new Uint8Array(scratch.buffer, 0, length)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];

/** A branch target inside a function: `br` to a block leaves it, to a loop repeats it. */
export interface Label {
  readonly depth: number;
}

/** The code of one function. Instructions are written in order; values go over WebAssembly's stack. */
export class Code {
  bytes: Bytes = new Bytes();
  private ahead: Bytes = this.bytes;
  private readonly locals: ValueType[] = [];
  private readonly params: number;
  private depth = 0;

  constructor(params: number) {
    this.params = params;
  }

  /** Makes a local variable (zero at first) and returns its number; params are 0, 1, …. */
  local(type: ValueType): number {
    return this.params + this.locals.push(type) - 1;
  }

  get(local: number): this {
    this.bytes.instruction(0x20, local);
    return this;
  }

  set(local: number): this {
    this.bytes.instruction(0x21, local);
    return this;
  }

  tee(local: number): this {
    this.bytes.instruction(0x22, local);
    return this;
  }

  op(name: Plain): this {
    return this.instruction(codes[name]);
  }

  private instruction(code: number): this {
    const prefix = code >> 16;
    if (prefix === 0) this.bytes.byte(code);
    else this.bytes.instruction(prefix, code & 0xffff);
    return this;
  }

  /** A load (address on the stack) or store (address, value), `offset` bytes further. */
  memory(name: Access, offset = 0): this {
    const code = codes[name];
    this.instruction(code);
    // An atomic access must be aligned to its size; others may be, and are not asked to be.
    this.bytes.byte(!isAtomic(code) ? 0 : name.startsWith("i64") ? 3 : 2);
    this.bytes.unsigned(offset);
    return this;
  }

  /** Takes a lane out of a vector, or puts one in. */
  lane(name: LaneOp, lane: number): this {
    this.instruction(codes[name]);
    this.bytes.byte(lane);
    return this;
  }

  /** Loads one lane of the vector on the stack, or stores one. */
  laneMemory(name: LaneAccess, lane: number, offset = 0): this {
    this.instruction(codes[name]);
    this.bytes.unsigned(0);
    this.bytes.unsigned(offset);
    this.bytes.byte(lane);
    return this;
  }

  i32(value: number): this {
    this.bytes.byte(0x41);
    this.bytes.signed(value);
    return this;
  }

  f32(value: number): this {
    this.bytes.byte(0x43);
    scratch.setFloat32(0, value, true);
    this.bytes.all(four);
    return this;
  }

  f64(value: number): this {
    this.bytes.byte(0x44);
    scratch.setFloat64(0, value, true);
    this.bytes.all(eight);
    return this;
  }

  /** A constant vector of four float32, four int32 or two float64 lanes. */
  v128(type: "f32x4" | "i32x4" | "f64x2", ...lanes: readonly number[]): this {
    this.bytes.instruction(0xfd, 12);
    const width = type === "f64x2" ? 8 : 4;
    for (let at = 0; at < 16; at += width) {
      const value = lanes[lanes.length === 1 ? 0 : at / width]!;
      if (type === "f32x4") scratch.setFloat32(at, value, true);
      else if (type === "f64x2") scratch.setFloat64(at, value, true);
      else scratch.setInt32(at, value, true);
    }
    this.bytes.all(sixteen);
    return this;
  }

  /** Picks 16 bytes out of the 32 of two vectors. */
  shuffle(...places: readonly number[]): this {
    this.bytes.instruction(0xfd, 13);
    for (const place of places) this.bytes.byte(place);
    return this;
  }

  call(func: number): this {
    this.bytes.instruction(0x10, func);
    return this;
  }

  /** memory.copy: destination, source and bytes on the stack. */
  copy(): this {
    for (const byte of [0xfc, 10, 0, 0]) this.bytes.byte(byte);
    return this;
  }

  /** memory.fill: destination, byte and count on the stack. */
  fill(): this {
    for (const byte of [0xfc, 11, 0]) this.bytes.byte(byte);
    return this;
  }

  /** A block: `br` to its label leaves it. */
  block(body: (label: Label) => void): this {
    return this.nest(0x02, body);
  }

  /** A loop: `br` to its label repeats it; it ends otherwise. */
  loop(body: (label: Label) => void): this {
    return this.nest(0x03, body);
  }

  /** Takes a condition from the stack. */
  if(then: () => void, otherwise?: () => void): this {
    return this.nest(0x04, () => {
      then();
      if (otherwise !== undefined) {
        this.bytes.byte(0x05);
        otherwise();
      }
    });
  }

  br(label: Label): this {
    this.bytes.byte(0x0c);
    this.bytes.unsigned(this.depth - label.depth);
    return this;
  }

  /** Takes a condition from the stack. */
  brIf(label: Label): this {
    this.bytes.byte(0x0d);
    this.bytes.unsigned(this.depth - label.depth);
    return this;
  }

  /** Writes `body`; what it `hoist`s goes in front of it. Around a loop: what the loop finds in locals, set once. */
  hoisting(body: () => void): this {
    const { bytes, ahead } = this;
    this.bytes = new Bytes();
    this.ahead = new Bytes();
    body();
    bytes.all(this.ahead.view());
    bytes.all(this.bytes.view());
    this.bytes = bytes;
    this.ahead = ahead;
    return this;
  }

  /** Writes instructions, without branches, in front of the innermost `hoisting`'s body. */
  hoist(write: () => void): this {
    const { bytes } = this;
    this.bytes = this.ahead;
    write();
    this.bytes = bytes;
    return this;
  }

  private nest(code: number, body: (label: Label) => void): this {
    this.bytes.byte(code);
    this.bytes.byte(0x40);
    this.depth++;
    body({ depth: this.depth });
    this.depth--;
    this.bytes.byte(0x0b);
    return this;
  }

  /**
   * Locals and instructions, as a function's body is written in a module. `before` is code of a function without params,
   * whose locals take the place of this one's params: it sets them.
   */
  body(before: Code | null = null): Uint8Array {
    const body = new Bytes();
    const locals = before === null ? this.locals : [...before.locals, ...this.locals];
    // Neighbours of one type are written together.
    const runs: number[] = [];
    for (let i = 0; i < locals.length; i++) if (i === 0 || locals[i] !== locals[i - 1]) runs.push(i);
    body.unsigned(runs.length);
    runs.forEach((start, k) => {
      body.unsigned((runs[k + 1] ?? locals.length) - start);
      body.byte(typeCodes[locals[start]!]);
    });
    if (before !== null) body.all(before.bytes.view());
    body.all(this.bytes.view());
    body.byte(0x0b);
    return body.view();
  }
}

/** What a module's memory is; all of ours import theirs. */
export interface MemoryLimits {
  readonly minimumPages: number;
  /** Given for a shared memory, whose maximum is part of its type. */
  readonly sharedMaximumPages?: number;
}

interface Signature {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** A WebAssembly module in the making. Imported functions come first, so import them before defining any. */
export class ModuleBuilder {
  private readonly types: Signature[] = [];
  private readonly typeOf = new Map<string, number>();
  private readonly imports: { module: string; name: string; type: number }[] = [];
  private readonly functions: { type: number; code: Code | null; body: Uint8Array | null }[] = [];
  private readonly exports: { name: string; func: number }[] = [];
  private readonly limits: MemoryLimits;

  /** The module imports its memory as `env.memory`. */
  constructor(limits: MemoryLimits) {
    this.limits = limits;
  }

  /** Imports a function and returns its number. */
  import(module: string, name: string, params: readonly ValueType[], results: readonly ValueType[]): number {
    return this.imports.push({ module, name, type: this.type(params, results) }) - 1;
  }

  /** Defines a function and returns its number; it is exported if it has a name. */
  define(
    name: string | null,
    params: readonly ValueType[],
    results: readonly ValueType[],
    write: (code: Code) => void,
  ): number {
    const code = new Code(params.length);
    const place = { type: this.type(params, results), code, body: null };
    const func = this.imports.length + this.functions.push(place) - 1;
    if (name !== null) this.exports.push({ name, func });
    write(code);
    return func;
  }

  /** Defines a function from its body and returns its number. */
  add(params: readonly ValueType[], results: readonly ValueType[], body: Uint8Array): number {
    const place = { type: this.type(params, results), code: null, body };
    return this.imports.length + this.functions.push(place) - 1;
  }

  private type(params: readonly ValueType[], results: readonly ValueType[]): number {
    const key = `${params.join()}:${results.join()}`;
    let type = this.typeOf.get(key);
    if (type === undefined) this.typeOf.set(key, (type = this.types.push({ params, results }) - 1));
    return type;
  }

  /** The module's binary form. */
  finish(): Uint8Array<ArrayBuffer> {
    const out = new Bytes();
    for (const byte of [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]) out.byte(byte);
    const section = (id: number, count: number, write: (bytes: Bytes) => void): void => {
      const bytes = new Bytes();
      bytes.unsigned(count);
      write(bytes);
      out.byte(id);
      out.sized(bytes.view());
    };
    section(1, this.types.length, (bytes) => {
      for (const { params, results } of this.types) {
        bytes.byte(0x60);
        for (const list of [params, results]) {
          bytes.unsigned(list.length);
          for (const type of list) bytes.byte(typeCodes[type]);
        }
      }
    });
    section(2, this.imports.length + 1, (bytes) => {
      for (const { module, name, type } of this.imports) {
        bytes.name(module);
        bytes.name(name);
        bytes.byte(0);
        bytes.unsigned(type);
      }
      const { minimumPages, sharedMaximumPages } = this.limits;
      bytes.name("env");
      bytes.name("memory");
      bytes.byte(2);
      bytes.byte(sharedMaximumPages === undefined ? 0 : 3);
      bytes.unsigned(minimumPages);
      if (sharedMaximumPages !== undefined) bytes.unsigned(sharedMaximumPages);
    });
    section(3, this.functions.length, (bytes) => {
      for (const { type } of this.functions) bytes.unsigned(type);
    });
    section(7, this.exports.length, (bytes) => {
      for (const { name, func } of this.exports) {
        bytes.name(name);
        bytes.byte(0);
        bytes.unsigned(func);
      }
    });
    section(10, this.functions.length, (bytes) => {
      for (const { code, body } of this.functions) bytes.sized(body ?? code!.body());
    });
    return out.view();
  }
}
