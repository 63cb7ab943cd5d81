import { type Buffer, itemSize } from "@downhill/core/engine";
import type { DType } from "@downhill/core";

/** Where a Buffer's elements are. It outlives its GpuBuffer: it is what is given back when that has been collected. */
export interface Block {
  /** Bytes from the start of the device's memory. */
  address: number;
  readonly bytes: number;
}

/** The Buffer of a WebGPU device: a block of its memory. */
export class GpuBuffer implements Buffer {
  readonly dtype: DType;
  readonly length: number;
  readonly byteLength: number;
  readonly block: Block;

  constructor(dtype: DType, length: number, block: Block) {
    this.dtype = dtype;
    this.length = length;
    this.byteLength = length * itemSize[dtype];
    this.block = block;
  }
}

/** The GpuBuffer that a Buffer of a WebGPU device is. */
export function gpuBuffer(buffer: Buffer): GpuBuffer {
  if (buffer instanceof GpuBuffer) return buffer;
  throw new TypeError("webgpu: this buffer is another device's");
}
