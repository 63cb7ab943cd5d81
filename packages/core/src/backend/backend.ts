import type { DType, TypedArray } from "../dtype.js";
import type { Program } from "../program/program.js";

/** Memory of a device that holds the elements of one tensor, row-major. Typed arrays are the host's Buffers. */
export interface Buffer {
  readonly byteLength: number;
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
  /** Gives back what the Executable holds; called when its Program leaves the cache. */
  release?(): void;
}

/** What a device must be able to do: hold memory and run Programs. Nothing per op. */
export interface Backend {
  readonly name: string;
  /** The dtypes it can hold and compute with. */
  readonly dtypes: ReadonlySet<DType>;
  /** Makes a zeroed Buffer. */
  allocate(dtype: DType, length: number): Buffer;
  release(buffer: Buffer): void;
  /** Copies host elements into a Buffer of the same length and dtype. */
  write(buffer: Buffer, data: TypedArray): void;
  /** Copies a Buffer's elements to the host, as they are at the call. A host backend answers at once. */
  read(buffer: Buffer, dtype: DType, length: number): TypedArray | Promise<TypedArray>;
  compile(program: Program): Executable;
  /**
   * What an asynchronous loop waits for before its next turn: room in the device's queue, or a turn of the event loop
   * that gives memory back. Undefined where nothing has to be waited for; a backend that never asks leaves it out.
   */
  ready?(): Promise<void> | undefined;
}
