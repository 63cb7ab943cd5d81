import type { FailureRecord } from "../memory/failure-record.js";
import type { GpuBuffer } from "../memory/gpu-buffer.js";
import type { Dispatch } from "../kernels/dispatch.js";
import type { Layout } from "./layout.js";

/** The alignment of a dispatch's parameters, in 32-bit words. */
const stride = 64;

/** Words that change from run to run: where they stand, and which of something each is. */
interface Moving {
  readonly at: number;
  readonly which: number;
}

/** Words to be written over those that were sent before. */
export interface Change {
  /** The place of the first of them, in bytes. */
  readonly start: number;
  readonly words: Uint32Array<ArrayBuffer>;
}

/**
 * The parameters of all dispatches of a Program, as they are sent. Where each word comes from is found out once; a run
 * fills in what moves, and sends the stretch that has changed.
 */
export class ParameterWords {
  /** Bytes of all of them. */
  readonly bytes: number;
  /** The most bytes of one dispatch: what the binding shows. */
  readonly window: number;
  /** Where those of each dispatch begin, in bytes: its dynamic offset. */
  readonly offsets: readonly (readonly [number])[];
  private readonly u32: Uint32Array<ArrayBuffer>;
  private readonly i32: Int32Array<ArrayBuffer>;
  private readonly f32: Float32Array<ArrayBuffer>;
  private readonly arena: Moving[] = [];
  private readonly inputs: Moving[] = [];
  private readonly outputs: Moving[] = [];
  private readonly floats: Moving[] = [];
  private readonly integers: Moving[] = [];
  private readonly runs: number[] = [];
  /** The stretch that has changed since it was last sent. */
  private first: number;
  private end: number;

  /** `scalars` are the Program's run-time numbers, in the order in which a run gets them. */
  constructor(list: readonly Dispatch[], layout: Layout, scalars: readonly number[], failures: FailureRecord) {
    const sizes = list.map(({ words }) => Math.max(1, Math.ceil(words.length / stride)) * stride);
    this.window = 4 * Math.max(stride, ...sizes);
    const length = sizes.reduce((sum, size) => sum + size, 0);
    this.bytes = 4 * length + this.window;
    this.u32 = new Uint32Array(length);
    this.i32 = new Int32Array(this.u32.buffer);
    this.f32 = new Float32Array(this.u32.buffer);
    this.first = 0;
    this.end = length;
    const places = new Map(scalars.map((node, k) => [node, k]));
    let start = 0;
    this.offsets = list.map(({ words }, i) => {
      words.forEach((word, k) => {
        const at = start + k;
        switch (word.kind) {
          case "address": {
            const location = layout.locations.get(word.value)!;
            if (location.kind === "arena") this.arena.push({ at, which: location.offset });
            else if (location.kind === "input") this.inputs.push({ at, which: location.input });
            else this.outputs.push({ at, which: location.output });
            break;
          }
          case "scratch":
            this.arena.push({ at, which: layout.scratch });
            break;
          case "number":
            (word.dtype === "float32" ? this.floats : this.integers).push({ at, which: places.get(word.node)! });
            break;
          case "failing":
            this.u32[at] = failures.numberOf(word.what);
            break;
          case "run":
            this.runs.push(at);
            break;
          case "bits":
            this.u32[at] = word.bits;
            break;
        }
      });
      const offset = 4 * start;
      start += sizes[i]!;
      return [offset] as const;
    });
  }

  /** Fills in what a run works on, and gives what has changed since the last run; null where nothing has. */
  fill(
    arena: number,
    inputs: readonly GpuBuffer[],
    outputs: readonly GpuBuffer[],
    scalars: readonly number[],
    run: number,
  ): Change | null {
    const { u32, i32, f32 } = this;
    for (const { at, which } of this.arena) this.set(at, (arena + which) / 4);
    for (const { at, which } of this.inputs) this.set(at, inputs[which]!.block.address / 4);
    for (const { at, which } of this.outputs) this.set(at, outputs[which]!.block.address / 4);
    for (const at of this.runs) this.set(at, run);
    for (const { at, which } of this.floats) {
      const before = u32[at]!;
      f32[at] = scalars[which]!;
      if (u32[at] !== before) this.changed(at);
    }
    for (const { at, which } of this.integers) {
      const before = u32[at]!;
      i32[at] = scalars[which]!;
      if (u32[at] !== before) this.changed(at);
    }
    if (this.first >= this.end) return null;
    const change = { start: 4 * this.first, words: u32.slice(this.first, this.end) };
    this.first = u32.length;
    this.end = 0;
    return change;
  }

  private set(at: number, word: number): void {
    if (this.u32[at] === word) return;
    this.u32[at] = word;
    this.changed(at);
  }

  private changed(at: number): void {
    if (at < this.first) this.first = at;
    if (at >= this.end) this.end = at + 1;
  }
}
