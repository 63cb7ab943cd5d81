import { FreeList } from "@downhill/core/compiler";
import { usage } from "../device/usage.js";
import type { Block } from "./gpu-buffer.js";

/** The alignment of every block, in bytes: that of vec4<u32>, and a cache line. */
export const alignment = 256;

/** Bytes at the start of the memory that are never given out. The first word tells of a failure (see failures.ts). */
export const reservedBytes: number = alignment;

const smallest = 16 * 2 ** 20;

export const rounded = (bytes: number): number => Math.max(Math.ceil(bytes / alignment), 1) * alignment;

/**
 * One GPUBuffer that holds all that a device's tensors and Programs need, given out in blocks. So a Kernel has one
 * binding whatever it reads and writes, no step makes a buffer or a bind group, and memory given back is there for
 * whatever comes next. It grows by being copied into a larger one; addresses stay.
 */
export class GpuHeap {
  private readonly device: GPUDevice;
  private readonly gaps = new FreeList();
  private bufferNow: GPUBuffer;
  /** Changes when the GPUBuffer does. */
  generation = 0;
  /** GPUBuffers made so far. */
  created = 0;
  /** Bytes that are given out. */
  used = 0;
  /** The most bytes that were given out at one time. */
  peak = 0;
  private arena: Block = { address: 0, bytes: 0 };

  constructor(device: GPUDevice) {
    this.device = device;
    this.bufferNow = this.create(Math.min(smallest, this.limit));
    this.gaps.give(reservedBytes, this.bufferNow.size - reservedBytes);
  }

  get buffer(): GPUBuffer {
    return this.bufferNow;
  }

  /** The most bytes that the memory can have: a Kernel binds all of it. */
  get limit(): number {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.device.limits;
    return Math.floor(Math.min(maxBufferSize, maxStorageBufferBindingSize) / alignment) * alignment;
  }

  /** Takes a block; null where there is no room. Its contents are whatever was there. */
  take(bytes: number): Block | null {
    const size = rounded(bytes);
    let address = this.gaps.take(size);
    if (address < 0 && this.grow(size - this.gaps.endingAt(this.buffer.size))) address = this.gaps.take(size);
    if (address < 0) return null;
    this.used += size;
    this.peak = Math.max(this.peak, this.used);
    return { address, bytes: size };
  }

  /** Gives a block back. */
  give(block: Block): void {
    this.gaps.give(block.address, block.bytes);
    this.used -= block.bytes;
  }

  /** Where intermediates lie, of whichever Program runs; null where there is no room for so many bytes. */
  reserveArena(bytes: number): Block | null {
    if (bytes <= this.arena.bytes) return this.arena;
    // Programs run one after another, so what the old one holds is dead once its last Program has run.
    if (this.arena.bytes > 0) this.give(this.arena);
    const arena = this.take(bytes);
    this.arena = arena ?? { address: 0, bytes: 0 };
    return arena;
  }

  get arenaBytes(): number {
    return this.arena.bytes;
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

  destroy(): void {
    this.bufferNow.destroy();
  }
}
