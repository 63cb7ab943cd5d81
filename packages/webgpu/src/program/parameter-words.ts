import type { FailureRecord } from "../memory/failure-record.js";
import type { GpuBuffer } from "../memory/gpu-buffer.js";
import type { Dispatch } from "../kernels/dispatch.js";
import { moves, type MovingWord } from "../wgsl/writer.js";
import type { Layout } from "./layout.js";
import { WordTable } from "./word-table.js";

/** The alignment of a dispatch's parameters and of the table, in 32-bit words. */
const stride = 64;

const aligned = (words: number): number => Math.max(1, Math.ceil(words / stride)) * stride;

/** Words to be written over those that were sent before. */
export interface Change {
  /** The place of the first of them, in bytes. */
  readonly start: number;
  readonly words: Uint32Array<ArrayBuffer>;
}

/** What a run works on. */
export interface Run {
  /** The address of the arena, in bytes. */
  readonly arena: number;
  readonly inputs: readonly GpuBuffer[];
  readonly outputs: readonly GpuBuffer[];
  readonly scalars: readonly number[];
  readonly number: number;
}

/** Where a word of the table comes from; of a place in a block, how many bytes behind its start. */
type Origin =
  | { readonly kind: "input" | "output"; readonly which: number; readonly offset: number }
  | { readonly kind: "arena" | "float" | "integer"; readonly which: number }
  | { readonly kind: "run" };

/**
 * The parameters of all dispatches of a Program, as they are sent: the table, then for each dispatch what never changes and
 * the places in the table of what may. A run fills in the table, and sends the stretch that has changed.
 */
export class ParameterWords {
  /** Bytes of all of them, and those of the table at their start. */
  readonly bytes: number;
  readonly tableBytes: number;
  /** The most bytes of one dispatch: what the binding shows. */
  readonly window: number;
  /** Where those of each dispatch begin, in bytes: its dynamic offset. */
  readonly offsets: readonly (readonly [number])[];
  private readonly words: Uint32Array<ArrayBuffer>;
  private readonly table: WordTable;
  private readonly origins: Origin[] = [];
  private isForgotten = false;
  /** The places that tell where in the table a word stands, and which word. */
  private readonly pointers: { readonly at: number; readonly word: number }[] = [];
  private readonly u32: Uint32Array<ArrayBuffer>;
  private readonly i32: Int32Array<ArrayBuffer>;
  private readonly f32: Float32Array<ArrayBuffer>;

  /** `scalars` are the Program's run-time numbers, in the order in which a run gets them. */
  constructor(list: readonly Dispatch[], layout: Layout, scalars: readonly number[], failures: FailureRecord) {
    const sizes = list.map(({ words }) => aligned(words.length));
    this.window = 4 * Math.max(stride, ...sizes);
    const originOf = this.origin(layout, new Map(scalars.map((node, k) => [node, k])));
    const numbers = list.map(({ words }) => words.map((word) => (moves(word) ? originOf(word) : -1)));
    const room = aligned(this.origins.length);
    const length = sizes.reduce((sum, size) => sum + size, room);
    this.tableBytes = 4 * room;
    this.bytes = 4 * length + this.window;
    this.words = new Uint32Array(length);
    this.table = new WordTable(this.words.subarray(0, room), this.origins.length);
    this.u32 = new Uint32Array(this.origins.length);
    this.i32 = new Int32Array(this.u32.buffer);
    this.f32 = new Float32Array(this.u32.buffer);
    let start = room;
    this.offsets = list.map(({ words }, i) => {
      words.forEach((word, k) => {
        const at = start + k;
        if (word.kind === "failing") this.words[at] = failures.numberOf(word.what);
        else if (word.kind === "bits") this.words[at] = word.bits;
        else this.pointers.push({ at, word: numbers[i]![k]! });
      });
      const offset = 4 * start;
      start += sizes[i]!;
      return [offset] as const;
    });
  }

  /** Gives each thing that words stand for a number, the same when it is met again. */
  private origin(layout: Layout, places: ReadonlyMap<number, number>): (word: MovingWord) => number {
    const known = new Map<string, number>();
    const describe = (word: MovingWord): Origin => {
      if (word.kind === "run") return { kind: "run" };
      if (word.kind === "scratch") return { kind: "arena", which: layout.scratch + (word.offset ?? 0) };
      if (word.kind === "number")
        return { kind: word.dtype === "float32" ? "float" : "integer", which: places.get(word.node)! };
      const location = layout.locations.get(word.value)!;
      const { offset = 0 } = word;
      if (location.kind === "arena") return { kind: "arena", which: location.offset + offset };
      return location.kind === "input"
        ? { kind: "input", which: location.input, offset }
        : { kind: "output", which: location.output, offset };
    };
    return (word) => {
      const origin = describe(word);
      const key = JSON.stringify(origin);
      let number = known.get(key);
      if (number === undefined) known.set(key, (number = this.origins.push(origin) - 1));
      return number;
    };
  }

  /** Fills in what a run works on, and gives what has changed since the last run; null where nothing has. */
  fill(run: Run): Change | null {
    const { origins, u32, table, words } = this;
    for (let i = 0; i < origins.length; i++) this.find(i, origins[i]!, run);
    const isArranged = table.update(u32);
    const isWhole = isArranged || this.isForgotten;
    this.isForgotten = false;
    if (isArranged) for (const { at, word } of this.pointers) words[at] = table.places[word]!;
    const [first, end] = isWhole ? [0, words.length] : [table.first, table.end];
    return first < end ? { start: 4 * first, words: words.slice(first, end) } : null;
  }

  /** What was to be sent has not been: the next run sends everything. */
  forget(): void {
    this.isForgotten = true;
  }

  private find(i: number, origin: Origin, { arena, inputs, outputs, scalars, number }: Run): void {
    const { u32, i32, f32 } = this;
    switch (origin.kind) {
      case "arena":
        u32[i] = (arena + origin.which) / 4;
        break;
      case "input":
        u32[i] = (inputs[origin.which]!.block.address + origin.offset) / 4;
        break;
      case "output":
        u32[i] = (outputs[origin.which]!.block.address + origin.offset) / 4;
        break;
      case "float":
        f32[i] = scalars[origin.which]!;
        break;
      case "integer":
        i32[i] = scalars[origin.which]!;
        break;
      case "run":
        u32[i] = number;
    }
  }
}
