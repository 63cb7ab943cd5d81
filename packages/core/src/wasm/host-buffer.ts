import type { Buffer } from "../backend/backend.js";
import { type DType, hostArray, itemSize, type TypedArray } from "../dtype.js";
import type { Holder } from "../backend/heap-usage.js";

/**
 * Where the elements of a Buffer are, once they have been in the Heap: at `address`, or, after an eviction (address 0),
 * in `array`. The Residency holds Residents strongly and never their HostBuffer, so that a dead HostBuffer can be seen.
 */
export interface Resident {
  readonly dtype: DType;
  readonly length: number;
  holder: Holder;
  address: number;
  array: TypedArray | null;
  /** The run that used it last; while that run goes on, it stays where it is. */
  lastRun: number;
}

/** The HostBuffer that a Buffer of the cpu device is. */
export function hostBuffer(buffer: Buffer): HostBuffer {
  if (buffer instanceof HostBuffer) return buffer;
  throw new TypeError("cpu: this buffer is another device's");
}

/**
 * The Buffer of the cpu device. Its elements are either in a typed array, which the garbage collector takes by itself, or
 * resident: in a block of the Heap, where compiled code works on them.
 */
export class HostBuffer implements Buffer {
  readonly dtype: DType;
  readonly length: number;
  private own: TypedArray | null;
  /** Where the elements begin in `own`, if it holds those of other Buffers as well; -1 if it is this one's alone. */
  private start: number;
  /** @internal How many runs have read it while it was not resident. */
  reads = 0;
  /** @internal Set by the Residency. */
  resident: Resident | null = null;

  /**
   * Makes a Buffer of zeros, or takes `array` over, which nobody may change afterwards: all of it, or, from `start` on, a
   * part that small results of one run share.
   */
  constructor(dtype: DType, length: number, array: TypedArray | null = hostArray(dtype, length), start = -1) {
    // A float16 is kept as the float32 that it is too.
    this.dtype = dtype === "float16" ? "float32" : dtype;
    this.length = length;
    this.own = array;
    this.start = start;
  }

  get byteLength(): number {
    return this.length * itemSize[this.dtype];
  }

  /** The elements when they are not resident, else null. */
  get array(): TypedArray | null {
    if (this.resident !== null) return this.resident.array;
    if (this.start >= 0) {
      this.own = this.own!.subarray(this.start, this.start + this.length);
      this.start = -1;
    }
    return this.own;
  }

  /** Where the elements are in the Heap's memory; 0 when they are not resident. */
  get address(): number {
    return this.resident === null ? 0 : this.resident.address;
  }

  /** @internal Lets go of the typed array that the Buffer was made with. */
  dropArray(): void {
    this.own = null;
  }
}
