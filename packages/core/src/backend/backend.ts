import type { DType, TypedArray } from "../dtype.js";
import type { Program } from "../program/program.js";
import type { Schedule } from "../program/schedule.js";
import type { DeviceMemory } from "./memory-usage.js";

/** Memory of a device that holds the elements of one tensor, row-major. Typed arrays are the host's Buffers. */
export interface Buffer {
  readonly byteLength: number;
  /** Has the stack of where the caller's code made its value, on a device that asks for it. */
  origin?: Error;
}

/** How an Executable runs its Program. */
export interface Description {
  /** Code of its own, or an interpreter: of the whole Program, as Kernels of one Node each. */
  readonly tier: "compiled" | "interpreted";
  /** The Kernels; null where each Node is one. */
  readonly schedule: Schedule | null;
  /** Those of what its recurrences repeat, by their Nodes in the schedule; left out where nothing is known of them. */
  readonly bodies?: ReadonlyMap<number, Schedule>;
  /** Which of the Kernels the interpreter runs, on the memory of the compiled ones. */
  readonly hostKernels: readonly number[];
  /** What scheduling and compiling took; 0 where nothing was compiled. */
  readonly compileMs: number;
  /** Bytes for intermediates, and the most of them that are alive at one time: no arena is smaller. */
  readonly arenaBytes: number;
  readonly lowerBound: number;
  /** Working memory of the routines that Kernels call. */
  readonly scratchBytes: number;
}

/** A Program made ready to run by a Backend. */
export interface Executable {
  /**
   * Runs the Program. `inputs` and `scalars` stand in the order of `program.inputs` and `program.scalars`. Returns one
   * Buffer per output, in order: a new one, or, for an output that overwrites input k, `inputs[k]` itself.
   *
   * All allocation comes before the first in-place write, so a run that throws leaves its inputs as they were.
   */
  run(inputs: readonly Buffer[], scalars: readonly number[]): Buffer[];
  /** Tells how the Program is run, for those who ask with `explain`. */
  describe?(): Description;
  /** Gives back what the Executable holds; called when its Program leaves the cache. */
  release?(): void;
}

/** What a Program takes of a device's memory, in bytes as they are given out. */
export interface MemoryNeeds {
  /** Intermediates and working memory. */
  readonly arena: number;
  /** Each input's, in their order. */
  readonly inputs: readonly number[];
  /** Each output's, in their order; 0 where it overwrites an input, or leaves the device's memory at once. */
  readonly outputs: readonly number[];
}

/** What a device must be able to do: hold memory and run Programs. Nothing per op. */
export interface Backend {
  readonly name: string;
  /** The dtypes it can hold and compute with. */
  readonly dtypes: ReadonlySet<DType>;
  /** Makes a zeroed Buffer. */
  allocate(dtype: DType, length: number): Buffer;
  /** Makes a Buffer of elements that nobody else holds, without a copy; left out where they cannot stay where they are. */
  adopt?(dtype: DType, data: TypedArray): Buffer;
  /** Gives memory back. */
  release(buffer: Buffer): void;
  /** Copies host elements into a Buffer of the same length and dtype. */
  write(buffer: Buffer, data: TypedArray): void;
  /** Copies a Buffer's elements to the host, as they are at the call. A host backend answers at once. */
  read(buffer: Buffer, dtype: DType, length: number): TypedArray | Promise<TypedArray>;
  /** Makes a Program ready to run. */
  compile(program: Program): Executable;
  /** Tells what a Program would take, without compiling it; left out by a backend that keeps no memory of its own. */
  plan?(program: Program): MemoryNeeds;
  /** What its Programs' memory holds, and may hold; left out by a backend whose memory is its host's. */
  readonly memory?: DeviceMemory;
  /**
   * What an asynchronous loop waits for before its next turn: room in the device's queue, or a turn of the event loop
   * that gives memory back. Undefined where nothing has to be waited for; a backend that never asks leaves it out.
   */
  ready?(): Promise<void> | undefined;
}
