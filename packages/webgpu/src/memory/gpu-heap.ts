import { FreeList } from "@downhill/core/compiler";
import type { CommandQueue } from "../device/command-queue.js";
import { usage } from "../device/usage.js";

/** The alignment of every block, in bytes: that of vec4<u32>, and a cache line. */
export const alignment = 256;

/** Bytes at the start of the memory that are never given out: no block has address 0. */
export const reservedBytes: number = alignment;

const smallest = 16 * 2 ** 20;

export const rounded = (bytes: number): number => Math.max(Math.ceil(bytes / alignment), 1) * alignment;

/** Who hears of it when the GPU has no memory for the heap to grow into. */
export interface Growing {
  readonly commands: CommandQueue;
  /** The number of the first run that may use what the heap grows by. */
  firstRun(): number;
  /** It has not grown: what was given out beyond `size` does not exist and is to be given back, and no run from `first` on is done. */
  refused(size: number, first: number): void;
}

/**
 * One GPUBuffer that holds all that a device's tensors and Programs need, given out in blocks. So a Kernel has one
 * binding whatever it reads and writes, no step makes a buffer or a bind group, and memory given back is there for
 * whatever comes next. It grows by being copied into a larger one; addresses stay. Whether there is memory for that only the
 * GPU knows: what is asked of it meanwhile waits for its answer in the queue.
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
  private readonly around: Growing;
  private bufferNow: GPUBuffer;
  /** Bytes that it has, or will have once it has grown; and the most that the GPU has not refused. */
  private sizeNow: number;
  private ceiling = Infinity;
  private inUse = 0;

  constructor(device: GPUDevice, around: Growing, budget: number = Infinity) {
    this.device = device;
    this.around = around;
    this.budget = budget;
    this.bufferNow = this.create(Math.min(smallest, this.limit));
    this.sizeNow = this.bufferNow.size;
    this.gaps.give(reservedBytes, this.sizeNow - reservedBytes);
  }

  /** Bytes that it has, or will have once it has grown. */
  get size(): number {
    return this.sizeNow;
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
    if (address < 0 && this.grow(size - this.gaps.endingAt(this.size))) address = this.gaps.take(size);
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
    const { device, around, sizeNow: before } = this;
    const most = Math.min(this.limit, this.ceiling);
    if (before + bytes > most) return false;
    const size = Math.min(Math.max(before + bytes, before * 2), most);
    device.pushErrorScope("out-of-memory");
    const after = this.create(size);
    const answer = device.popErrorScope().then((error) => {
      if (error !== null) throw new Error(error.message);
    });
    // The queue hears of it when its turn comes.
    answer.catch(() => undefined);
    this.gaps.give(before, size - before);
    this.sizeNow = size;
    const first = around.firstRun();
    around.commands.push(
      () => this.moveTo(after),
      answer,
      () => this.shrink(first),
    );
    return true;
  }

  private moveTo(after: GPUBuffer): void {
    const before = this.bufferNow;
    // One that was asked for before this was refused, and what lay in it has been given up.
    if (after.size > this.ceiling) {
      after.destroy();
      return;
    }
    const encoder = this.device.createCommandEncoder({ label: "downhill: memory grows" });
    encoder.copyBufferToBuffer(before, 0, after, 0, before.size);
    this.device.queue.submit([encoder.finish()]);
    before.destroy();
    this.bufferNow = after;
    this.generation++;
  }

  /** Goes back to what there is: while it is copied, the old memory and the new have to be there, so no more will do either. */
  private shrink(first: number): void {
    const { size } = this.bufferNow;
    const { sizeNow } = this;
    this.ceiling = size;
    if (sizeNow === size) return;
    this.around.refused(size, first);
    this.gaps.takeAt(size, sizeNow - size);
    this.sizeNow = size;
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
