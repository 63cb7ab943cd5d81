import type { DType } from "@downhill/core";
import type { Failing } from "./failure.js";

/** A parameter that may change from run to run. */
export type MovingWord =
  /** Where a value begins, or so many bytes behind: its address in 32-bit words. */
  | { readonly kind: "address"; readonly value: number; readonly offset?: number }
  /** Where the Kernel's working memory begins, or so many bytes behind. */
  | { readonly kind: "scratch"; readonly offset?: number }
  /** A run-time number: the scalar at this place of the Program. */
  | { readonly kind: "number"; readonly node: number; readonly dtype: DType }
  /** The number of the run. */
  | { readonly kind: "run" };

/** One word of a dispatch's parameters. */
export type Word =
  | MovingWord
  /** The number of what may fail. */
  | { readonly kind: "failing"; readonly what: Failing }
  /** Fixed bits. WGSL refuses infinities and NaN as constants. */
  | { readonly kind: "bits"; readonly bits: number };

/** Whether a parameter may change from run to run: then it is the place, in the Program's table, of what it stands for. */
export const moves = (word: Word): word is MovingWord => word.kind !== "failing" && word.kind !== "bits";

const word = `fn word(at: u32) -> u32 {
  return m[at >> 2u][at & 3u];
}`;

const parameter = (place: number): string => `p[${place >> 2}].${"xyzw"[place & 3]!}`;
const lookUp = (place: number): string => `q[${parameter(place)}]`;

/** The values that a text may not hold as constants, as bits. */
const floats = new Float32Array(1);
const words = new Uint32Array(floats.buffer);

/**
 * Collects the text of one compute shader. All tensors lie in one memory of 32-bit words, `m`. Where the values begin, and
 * the run-time numbers, stand in a table of the Program's, `q`, and the parameters of the dispatch, `p`, tell at which
 * places: so equal Kernels on other tensors have equal texts, and what changes from run to run stands together.
 */
export class Writer {
  readonly words: Word[] = [];
  private readonly keys = new Map<string, number>();
  private readonly functions = new Map<string, string>();
  private readonly declarations: string[] = [];
  private readonly enabled = new Set<string>();
  private lines: string[] = [];
  /** Parameters out of the table that the entry point looks up as it begins. */
  private readonly lookedUp = new Set<number>();
  private isInside = false;
  private names = 0;
  /** The number of the turn that is being written, u32: what fails in it tells it. */
  turn = "0u";
  /** Whether memory is written a byte at a time, which other threads may do to the same word. */
  readonly atomic: boolean;
  /** Whether memory is read and written four words at a time; single words can be read, but not written. */
  readonly fours: boolean;

  constructor(atomic = false, fours = false) {
    this.atomic = atomic;
    this.fours = fours;
  }

  /** Adds a line of code. */
  line(text: string): void {
    this.lines.push(text);
  }

  /** Collects the lines that `write` adds: those of a function. */
  block(write: () => void): string[] {
    const outer = this.lines;
    this.lines = [];
    this.isInside = true;
    write();
    const block = this.lines;
    this.lines = outer;
    this.isInside = false;
    return block;
  }

  /** Names an expression, which is computed here once. */
  let(text: string): string {
    const name = this.name();
    this.line(`let ${name} = ${text};`);
    return name;
  }

  name(prefix = "t"): string {
    return `${prefix}${this.names++}`;
  }

  /** Makes a function known, whose text is written once; returns its name. */
  use(name: string, text: string | (() => string)): string {
    if (!this.functions.has(name)) this.functions.set(name, typeof text === "string" ? text : text());
    return name;
  }

  /** Asks for a feature of the language that not every device has. */
  enable(feature: string): void {
    this.enabled.add(feature);
  }

  /** Declares something outside of all functions. */
  declare(text: string): void {
    this.declarations.push(text);
  }

  /** A parameter, as u32. */
  word(word: Word): string {
    const key = JSON.stringify(word);
    let place = this.keys.get(key);
    if (place === undefined) {
      place = this.words.push(word) - 1;
      this.keys.set(key, place);
    }
    if (!moves(word)) return parameter(place);
    if (this.isInside) return lookUp(place);
    this.lookedUp.add(place);
    return `q${place}`;
  }

  /** A run-time number, in its own type. */
  scalar(node: number, dtype: DType): string {
    const word = this.word({ kind: "number", node, dtype });
    if (dtype === "float32" || dtype === "float16") return `bitcast<f32>(${word})`;
    return dtype === "bool" ? `(${word} != 0u)` : `bitcast<i32>(${word})`;
  }

  /** A number that is part of the Program, in its own type. */
  number(value: number, dtype: DType): string {
    if (dtype === "bool") return value !== 0 ? "true" : "false";
    if (dtype !== "float32" && dtype !== "float16") return value === -(2 ** 31) ? "i32(-2147483647 - 1)" : `${value}`;
    floats[0] = value;
    const rounded = floats[0];
    if (Number.isInteger(rounded) && Math.abs(rounded) < 2 ** 24 && !Object.is(rounded, -0)) return `${rounded}.0`;
    if (Number.isFinite(rounded) && rounded !== 0) return `bitcast<f32>(0x${words[0]!.toString(16)}u)`;
    return `bitcast<f32>(${this.word({ kind: "bits", bits: words[0]! })})`;
  }

  /** The word of memory at a place. */
  load(place: string): string {
    if (this.fours) return `${this.use("word", word)}(${place})`;
    return this.atomic ? `atomicLoad(&m[${place}])` : `m[${place}]`;
  }

  /** Four words, the first of which is at a place that 4 divides: where memory is read so. */
  loadFour(base: string, number: string): string {
    return `m[(${base} >> 2u) + ${number}]`;
  }

  storeFour(base: string, number: string, bits: string): void {
    this.line(`m[(${base} >> 2u) + ${number}] = ${bits};`);
  }

  store(place: string, bits: string): void {
    this.line(this.atomic ? `atomicStore(&m[${place}], ${bits});` : `m[${place}] = ${bits};`);
  }

  /** The whole text: one entry point, `main`, of `threads` threads a workgroup. */
  text(threads: number): string {
    const type = this.atomic ? "atomic<u32>" : this.fours ? "vec4<u32>" : "u32";
    const size = Math.max(1, Math.ceil(this.words.length / 4));
    return [
      ...[...this.enabled].map((feature) => `enable ${feature};`),
      `@group(0) @binding(0) var<storage, read_write> m: array<${type}>;`,
      `@group(0) @binding(1) var<uniform> p: array<vec4<u32>, ${size}>;`,
      `@group(0) @binding(3) var<storage, read> q: array<u32>;`,
      ...this.declarations,
      ...this.functions.values(),
      `@compute @workgroup_size(${threads})`,
      "fn main(@builtin(workgroup_id) w: vec3<u32>, @builtin(num_workgroups) n: vec3<u32>, @builtin(local_invocation_index) t: u32) {",
      ...[...this.lookedUp].map((place) => `  let q${place} = ${lookUp(place)};`),
      ...this.lines.map((line) => `  ${line}`),
      "}",
      "",
    ].join("\n");
  }
}
