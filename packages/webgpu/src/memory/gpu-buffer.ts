import type { DType } from "@downhill/core";
import type { Holder } from "@downhill/core/compiler";
import { type Buffer, itemSize } from "@downhill/core/engine";

/** Elements that have moved to the host's memory, or are on their way there. */
export interface Moved {
  data: Uint8Array<ArrayBuffer> | null;
  /** Settles once `data` is there. */
  readonly arrives: Promise<unknown>;
}

/**
 * Where a Buffer's elements are. The memory holds Blocks strongly and never their GpuBuffer, so that a dead GpuBuffer can
 * be seen.
 */
export interface Block {
  readonly dtype: DType;
  readonly length: number;
  holder: Holder;
  /** Bytes from the start of the device's memory; 0 when the elements have moved out, or have been given back. */
  address: number;
  moved: Moved | null;
  /** Whether its elements shall be 0 and are not yet: nothing has read or written it. */
  isUnset: boolean;
  /** Whether its place turned out not to exist: what was to be written there stays with the host. */
  isRefused: boolean;
  /** The run that used it last; while that run is being prepared, it stays where it is. */
  lastRun: number;
  /** Has the stack of where it was made, in debug mode. */
  origin: Error | null;
}

export const bytesOf = ({ dtype, length }: Block): number => length * itemSize[dtype];

/** A copy with so many bytes, the last of which are 0: nothing has failed. */
export function withRoom(data: Uint8Array, bytes: number): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes);
  copy.set(data);
  return copy;
}

/** The elements that have moved, once they are there. */
export async function dataOf(moved: Moved): Promise<Uint8Array<ArrayBuffer>> {
  if (moved.data === null) await moved.arrives;
  return moved.data!;
}

/** The Buffer of a WebGPU device. */
export class GpuBuffer implements Buffer {
  readonly dtype: DType;
  readonly length: number;
  readonly byteLength: number;
  readonly block: Block;
  /** The number of the run that made it, and of the last that wrote to it; 0 where it was the host. */
  madeBy = 0;
  writtenBy = 0;

  constructor(block: Block) {
    this.block = block;
    this.dtype = block.dtype;
    this.length = block.length;
    this.byteLength = block.length * itemSize[block.dtype];
  }

  /** Where the caller's code made its value: core tells, in debug mode. */
  set origin(error: Error) {
    this.block.origin = error;
  }
}

/** The GpuBuffer that a Buffer of a WebGPU device is. */
export function gpuBuffer(buffer: Buffer): GpuBuffer {
  if (buffer instanceof GpuBuffer) return buffer;
  throw new TypeError("webgpu: this buffer is another device's");
}
