import type { DType, TypedArray } from "@downhill/core";
import { hostArray, itemSize } from "@downhill/core/engine";
import type { CommandQueue } from "../device/command-queue.js";
import { type Block, GpuBuffer } from "./gpu-buffer.js";
import { GpuHeap } from "./gpu-heap.js";
import { Readings } from "./readings.js";

/** The memory of a WebGPU device: Buffers that users hold, the arena, and the ways in and out. */
export class GpuMemory {
  readonly heap: GpuHeap;
  readonly readings: Readings;
  private readonly device: GPUDevice;
  private readonly commands: CommandQueue;
  /** Gives back the block of a Buffer that has been collected. */
  private readonly collected: FinalizationRegistry<Block>;

  /** What has gone wrong, if anything has, so that no read gives a value that may be wrong. */
  private readonly failure: () => Error | null;

  constructor(device: GPUDevice, commands: CommandQueue, failure: () => Error | null) {
    this.device = device;
    this.commands = commands;
    this.failure = failure;
    this.heap = new GpuHeap(device);
    this.readings = new Readings(device);
    this.collected = new FinalizationRegistry((block) => this.heap.give(block));
  }

  /** Makes a Buffer; its contents are whatever was there. */
  make(dtype: DType, length: number): GpuBuffer {
    const bytes = length * itemSize[dtype];
    const block = this.heap.take(bytes);
    if (block === null) throw new RangeError(`webgpu: no room for ${bytes} bytes`);
    const buffer = new GpuBuffer(dtype, length, block);
    this.collected.register(buffer, block, buffer);
    return buffer;
  }

  release(buffer: GpuBuffer): void {
    this.collected.unregister(buffer);
    this.heap.give(buffer.block);
  }

  beginRun(_inputs: readonly GpuBuffer[]): void {
    // Nothing is anywhere but in the heap yet.
  }

  reserveArena(bytes: number): number {
    const arena = this.heap.reserveArena(bytes);
    if (arena === null) throw new RangeError(`webgpu: no room for ${bytes} bytes of intermediates`);
    return arena.address;
  }

  clear({ block, byteLength }: GpuBuffer): void {
    const { address } = block;
    const bytes = Math.ceil(byteLength / 4) * 4;
    if (bytes === 0) return;
    this.commands.push(() => {
      const encoder = this.device.createCommandEncoder({ label: "downhill: zeros" });
      encoder.clearBuffer(this.heap.buffer, address, bytes);
      this.device.queue.submit([encoder.finish()]);
    });
  }

  write({ block, byteLength }: GpuBuffer, data: TypedArray): void {
    const { address } = block;
    if (byteLength === 0) return;
    // As it is now: the caller may change the array as soon as this returns.
    const bytes = new Uint8Array(Math.ceil(byteLength / 4) * 4);
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, byteLength));
    this.commands.push(() => {
      this.device.queue.writeBuffer(this.heap.buffer, address, bytes);
    });
  }

  read({ block, dtype, length, byteLength }: GpuBuffer): Promise<TypedArray> {
    if (length === 0) return Promise.resolve(hostArray(dtype, 0));
    const { address } = block;
    const bytes = Math.ceil(byteLength / 4) * 4;
    return new Promise((resolve, reject) => {
      this.commands.push(() => {
        this.readings.read(this.heap.buffer, address, bytes).then((copy) => {
          const failure = this.failure();
          if (failure !== null) {
            reject(failure);
            return;
          }
          const array = hostArray(dtype, length);
          new Uint8Array(array.buffer).set(new Uint8Array(copy, 0, byteLength));
          resolve(array);
        }, reject);
      });
    });
  }
}
