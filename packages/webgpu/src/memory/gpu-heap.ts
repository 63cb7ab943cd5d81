import { FreeList } from "@downhill/core/compiler";
import { usage } from "../device/usage.js";

/** The alignment of every block, in bytes: that of vec4<u32>, and a cache line. */
export const alignment = 256;

/** Bytes at the start of the memory that are never given out: no block has address 0. */
export const reservedBytes: number = alignment;

const smallest = 16 * 2 ** 20;

export const rounded = (bytes: number): number => Math.max(Math.ceil(bytes / alignment), 1) * alignment;

/**
 * One GPUBuffer that holds all that a device's tensors and Programs need, given out in blocks. So a Kernel has one
 * binding whatever it reads and writes, no step makes a buffer or a bind group, and memory given back is there for
 * whatever comes next. It grows by being copied into a larger one; addresses stay.
 */
export class GpuHeap {
  /** The most bytes that may be in use. */
  budget: number;
  /** Changes when the GPUBuffer does. */
  generation = 0;
  /** GPUBuffers made so far. */
  created = 0;
  /** The most bytes that were in use at one time. */
  peak = 0;
  private readonly device: GPUDevice;
  private readonly gaps = new FreeList();
  private bufferNow: GPUBuffer;
  private inUse = 0;

  constructor(device: GPUDevice, budget: number = Infinity) {
    this.device = device;
    this.budget = budget;
    this.bufferNow = this.create(Math.min(smallest, this.limit));
    this.gaps.give(reservedBytes, this.bufferNow.size - reservedBytes);
  }

  get buffer(): GPUBuffer {
    return this.bufferNow;
  }

  /** Bytes in use. */
  get used(): number {
    return this.inUse;
  }

  /** Bytes of the largest block that is free, without growing. */
  get largestFree(): number {
    return this.gaps.largest;
  }

  /** The most bytes that the memory can have: a Kernel binds all of it. */
  get limit(): number {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.device.limits;
    return Math.floor(Math.min(maxBufferSize, maxStorageBufferBindingSize) / alignment) * alignment;
  }

  /** Takes a block and returns its address; 0 where there is no room. Its contents are whatever was there. */
  take(bytes: number): number {
    const size = rounded(bytes);
    if (this.inUse + size > this.budget) return 0;
    let address = this.gaps.take(size);
    if (address < 0 && this.grow(size - this.gaps.endingAt(this.buffer.size))) address = this.gaps.take(size);
    if (address < 0) return 0;
    this.inUse += size;
    this.peak = Math.max(this.peak, this.inUse);
    return address;
  }

  /** Takes the block at an address, if it is free and within the budget. */
  takeAt(address: number, bytes: number): boolean {
    const size = rounded(bytes);
    if (this.inUse + size > this.budget || !this.gaps.takeAt(address, size)) return false;
    this.inUse += size;
    this.peak = Math.max(this.peak, this.inUse);
    return true;
  }

  /** Takes a block back. */
  give(address: number, bytes: number): void {
    this.gaps.give(address, rounded(bytes));
    this.inUse -= rounded(bytes);
  }

  private grow(bytes: number): boolean {
    const before = this.bufferNow;
    const least = before.size + bytes;
    if (least > this.limit) return false;
    const after = this.create(Math.min(Math.max(least, before.size * 2), this.limit));
    const encoder = this.device.createCommandEncoder({ label: "downhill: memory grows" });
    encoder.copyBufferToBuffer(before, 0, after, 0, before.size);
    this.device.queue.submit([encoder.finish()]);
    this.gaps.give(before.size, after.size - before.size);
    before.destroy();
    this.bufferNow = after;
    this.generation++;
    return true;
  }

  private create(size: number): GPUBuffer {
    this.created++;
    return this.device.createBuffer({
      label: "downhill: memory",
      size,
      usage: usage.storage | usage.copySrc | usage.copyDst,
    });
  }
}
