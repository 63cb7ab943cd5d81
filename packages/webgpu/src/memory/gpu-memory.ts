import { type DType, MemoryError, type TypedArray } from "@downhill/core";
import {
  formatBytes,
  type HeapUsage,
  type Holder,
  outOfMemory,
  packHalves,
  stackNow,
  unpackHalves,
} from "@downhill/core/compiler";
import { type DeviceMemory, hostArray, itemSize, ValueError } from "@downhill/core/engine";
import { type Block, bytesOf, dataOf, GpuBuffer, type Moved, withRoom } from "./gpu-buffer.js";
import { GpuHeap, reservedBytes, rounded } from "./gpu-heap.js";
import { holdersOf } from "./holders.js";
import type { MemoryHost } from "./memory-host.js";
import { Readings } from "./readings.js";

/** What the registry remembers of a GpuBuffer. */
interface Entry {
  readonly memory: GpuMemory;
  readonly block: Block;
}

// One for all, which never dies: V8 loses the callbacks of a registry that is collected with targets pending.
const registry: FinalizationRegistry<Entry> = /* @__PURE__ */ new FinalizationRegistry<Entry>(({ memory, block }) => {
  memory.collected(block);
});

/** Below this many bytes nothing moves out unless the budget asks for it. */
const leastLimit = 64 * 2 ** 20;

/** Bytes as they are copied: whole words. */
const whole = (bytes: number): number => Math.ceil(bytes / 4) * 4;

/**
 * What lies in a device's memory. A block is given back when its GpuBuffer has been collected; as V8 notices that late,
 * and never within one turn of the event loop, the blocks that were used longest ago move to the host's memory when there
 * are too many bytes of them, where the collector sees them. Nothing is lost: they come back when they are used.
 */
export class GpuMemory implements DeviceMemory {
  readonly heap: GpuHeap;
  readonly readings: Readings;
  /** Bytes that have moved to the host's memory. */
  moved = 0;
  private readonly host: MemoryHost;
  /** Blocks that lie in the heap, those used longest ago first. */
  private readonly blocks = new Set<Block>();
  private bytes = 0;
  private softLimit = leastLimit;
  private run = 1;
  private preparing = false;
  /** Bytes moved out, and moved bytes that came back, since the last sweep but one. */
  private left = 0;
  private returned = 0;
  private arena = { address: 0, bytes: 0 };
  /** Why the memory could not grow, once that has happened. */
  private refusal: Error | null = null;

  constructor(host: MemoryHost, budget?: number) {
    this.host = host;
    const { commands, failures } = host;
    const firstRun = (): number => failures.next(this.preparing);
    const refused = (size: number, first: number): void => {
      this.refusal = outOfMemory("webgpu", this.heap.size - size, this.usage());
      this.giveUp(size);
      failures.spoil(first, this.refusal);
      host.tell(this.refusal);
    };
    this.heap = new GpuHeap(host.device, { commands, firstRun, refused }, budget);
    this.readings = new Readings(host.device);
  }

  get budget(): number {
    return Math.min(this.heap.budget, this.heap.limit);
  }

  set budget(bytes: number) {
    this.heap.budget = bytes;
  }

  resetPeak(): void {
    this.heap.peak = this.heap.used;
  }

  /** Tells what holds how much. */
  usage(count = 5): HeapUsage {
    const { heap, moved, budget, blocks } = this;
    const { used: live, peak, largestFree } = heap;
    const pooled = heap.size - reservedBytes - live;
    return { live, pooled, moved, peak, budget, largestFree, ...holdersOf(blocks, this.arenaBytes, count) };
  }

  private get arenaBytes(): number {
    return this.arena.bytes === 0 ? 0 : rounded(this.arena.bytes);
  }

  /** Begins to prepare a run: what is used from now on stays where it is until `endRun`. */
  beginRun(): void {
    this.run++;
    this.preparing = true;
  }

  /** The run has all that it needs, or cannot have it. */
  endRun(): void {
    this.preparing = false;
  }

  /** Makes a Buffer; its contents are whatever was there. Throws a MemoryError. */
  make(dtype: DType, length: number, holder: Holder = "data"): GpuBuffer {
    const block = this.block(dtype, length, holder);
    this.place(block);
    return this.held(block);
  }

  /** Makes a Buffer at an address, if that is free; else null. */
  makeAt(dtype: DType, length: number, address: number): GpuBuffer | null {
    if (!this.heap.takeAt(address, length * itemSize[dtype])) return null;
    const block = this.block(dtype, length, "data");
    this.settle(block, address);
    return this.held(block);
  }

  private block(dtype: DType, length: number, holder: Holder): Block {
    const origin = this.host.debug ? stackNow() : null;
    return { dtype, length, holder, address: 0, moved: null, isUnset: false, isRefused: false, lastRun: 0, origin };
  }

  private held(block: Block): GpuBuffer {
    const buffer = new GpuBuffer(block);
    registry.register(buffer, { memory: this, block }, block);
    return buffer;
  }

  /** Sees to it that a Buffer's elements are in the heap, for the run that is being prepared. Throws a MemoryError. */
  use({ block }: GpuBuffer): number {
    if (block.address === 0) this.moveIn(block);
    else if (block.lastRun !== this.run) this.touch(block);
    if (block.isUnset) this.zero(block);
    return block.address;
  }

  /** Lets go of a Buffer's elements; reading it is an error from now on. */
  release({ block }: GpuBuffer): void {
    registry.unregister(block);
    this.collected(block);
  }

  /** @internal Gives back what a GpuBuffer that has been collected held. */
  collected(block: Block): void {
    if (block.address !== 0) this.leave(block);
    if (block.moved !== null) this.moved -= bytesOf(block);
    block.moved = null;
    block.isRefused = false;
  }

  /** Makes room for intermediates, of whichever Program runs, and returns its address. Throws a MemoryError. */
  reserveArena(bytes: number): number {
    const { arena } = this;
    if (bytes <= arena.bytes) return arena.address;
    // Programs run one after another, so what the old one holds is dead once the last of them has run.
    if (arena.bytes > 0) this.heap.give(arena.address, arena.bytes);
    this.arena = { address: 0, bytes: 0 };
    const address = this.allocate(bytes);
    this.arena = { address, bytes };
    return address;
  }

  /** Makes all elements 0, unless they are written before anybody sees them. */
  clear({ block }: GpuBuffer): void {
    block.isUnset = true;
  }

  private zero(block: Block): void {
    block.isUnset = false;
    const { address } = block;
    const bytes = whole(bytesOf(block));
    if (bytes === 0) return;
    this.host.commands.push(() => {
      if (this.isMissing(address + bytes)) {
        this.keep(block, new Uint8Array(bytes));
        return;
      }
      const encoder = this.host.device.createCommandEncoder({ label: "downhill: zeros" });
      encoder.clearBuffer(this.heap.buffer, address, bytes);
      this.host.device.queue.submit([encoder.finish()]);
    });
  }

  /** Whether the memory ends before `end`: it was to grow, and has not. Only for commands, whose turn has come. */
  private isMissing(end: number): boolean {
    return end > this.heap.buffer.size;
  }

  /** Keeps on the host what was to be written to a place that does not exist. */
  private keep(block: Block, data: Uint8Array<ArrayBuffer>): void {
    // It may have been on its way to the host already; and nobody may hold it any more.
    if (block.moved !== null) block.moved.data ??= data;
    else if (block.isRefused) {
      block.moved = { data, arrives: Promise.resolve() };
      this.moved += bytesOf(block);
    }
    block.isRefused = false;
  }

  /** Takes back all places beyond `size`: the memory has not grown. */
  private giveUp(size: number): void {
    for (const block of [...this.blocks]) {
      if (block.address + rounded(bytesOf(block)) <= size) continue;
      this.leave(block);
      block.isRefused = true;
    }
    const { address, bytes } = this.arena;
    if (bytes === 0 || address + rounded(bytes) <= size) return;
    this.heap.give(address, bytes);
    this.arena = { address: 0, bytes: 0 };
  }

  write(buffer: GpuBuffer, data: TypedArray): void {
    const { byteLength } = buffer;
    if (byteLength === 0) return;
    buffer.block.isUnset = false;
    const address = this.use(buffer);
    buffer.madeBy = buffer.writtenBy = 0;
    // As it is now: the caller may change the array as soon as this returns.
    const bytes = new Uint8Array(whole(byteLength));
    const source = buffer.dtype === "float16" ? packHalves(data as Float32Array) : data;
    bytes.set(new Uint8Array(source.buffer, source.byteOffset, byteLength));
    this.host.commands.push(() => {
      this.send(buffer.block, address, bytes);
    });
  }

  private send(block: Block, address: number, data: Uint8Array<ArrayBuffer>): void {
    if (this.isMissing(address + data.length)) this.keep(block, data);
    else this.host.device.queue.writeBuffer(this.heap.buffer, address, data);
  }

  /** Copies a Buffer's elements, as they are at the call. */
  async read(buffer: GpuBuffer): Promise<TypedArray> {
    try {
      return await this.elements(buffer);
    } catch (error) {
      this.host.heard(error);
      throw error;
    }
  }

  private async elements(buffer: GpuBuffer): Promise<TypedArray> {
    const { block, dtype, length, byteLength } = buffer;
    const array = hostArray(dtype, length);
    if (length === 0) return array;
    const { failures } = this.host;
    this.host.checkAlive();
    failures.refuse(buffer);
    const { open } = failures;
    const { writtenBy } = buffer;
    const record = open === null ? null : failures.buffer;
    // The record is read together with the elements, so they have to be there.
    if (record !== null && block.moved !== null) this.use(buffer);
    const bytes = await (block.moved === null ? this.fetch(block, record) : dataOf(block.moved));
    const failure = this.host.takeFailure();
    if (failure !== null) throw failure;
    failures.refuse(buffer);
    if (open !== null) {
      const [run = 0] = new Uint32Array(bytes.buffer, whole(byteLength));
      await failures.look(run, open, writtenBy, () => this.copy(failures.buffer, 0, failures.bytes));
    }
    if (dtype === "float16")
      unpackHalves(new Uint16Array(bytes.buffer, bytes.byteOffset, length), array as Float32Array);
    else new Uint8Array(array.buffer).set(bytes.subarray(0, byteLength));
    return array;
  }

  /** Has a block's elements copied to the host, as they are now, and another buffer's first word behind them. */
  private fetch(block: Block, other: GPUBuffer | null = null): Promise<Uint8Array<ArrayBuffer>> {
    const { address } = block;
    if (address === 0) throw this.missing(block);
    if (block.isUnset) this.zero(block);
    return this.copy(null, address, whole(bytesOf(block)), other, block);
  }

  private missing({ isRefused }: Block): Error {
    return isRefused ? this.refusal! : new ValueError("webgpu: the memory of this tensor has been released");
  }

  /** Has bytes of a buffer, or of whichever the heap then lies in, copied to the host. */
  private copy(
    from: GPUBuffer | null,
    start: number,
    bytes: number,
    other: GPUBuffer | null = null,
    block: Block | null = null,
  ): Promise<Uint8Array<ArrayBuffer>> {
    return new Promise((resolve, reject) => {
      this.host.commands.push(() => {
        if (from === null && this.isMissing(start + bytes)) {
          const data = block?.moved?.data;
          if (data !== undefined && data !== null) resolve(withRoom(data, bytes + 4));
          else reject(this.refusal!);
          return;
        }
        const copy = this.readings.read(from ?? this.heap.buffer, start, bytes, other);
        copy.then((data) => resolve(new Uint8Array(data)), reject);
      });
    });
  }

  private place(block: Block): void {
    this.host.checkAlive();
    const bytes = bytesOf(block);
    if (this.bytes + bytes > this.softLimit) this.sweep(bytes);
    this.settle(block, this.allocate(bytes));
  }

  private settle(block: Block, address: number): void {
    block.address = address;
    block.lastRun = this.run;
    this.bytes += bytesOf(block);
    this.blocks.add(block);
  }

  /** Takes memory, after others have moved out if need be. */
  private allocate(bytes: number): number {
    for (;;) {
      const address = this.heap.take(bytes);
      if (address !== 0) return address;
      const size = rounded(bytes);
      if (size > this.heap.limit - reservedBytes) throw tooLarge(bytes, this.heap.limit);
      const excess = this.heap.used + size - this.budget;
      if (size > this.budget || this.reclaim(excess > 0 ? excess : size) === 0)
        throw outOfMemory("webgpu", bytes, this.usage());
    }
  }

  private touch(block: Block): void {
    block.lastRun = this.run;
    this.blocks.delete(block);
    this.blocks.add(block);
  }

  private leave(block: Block): void {
    this.heap.give(block.address, bytesOf(block));
    block.address = 0;
    this.blocks.delete(block);
    this.bytes -= bytesOf(block);
  }

  private moveIn(block: Block): void {
    const { moved } = block;
    if (moved === null) throw this.missing(block);
    this.place(block);
    block.moved = null;
    const { address } = block;
    this.moved -= bytesOf(block);
    this.returned += bytesOf(block);
    this.host.commands.push(() => this.send(block, address, moved.data!), moved.data === null ? moved.arrives : null);
  }

  /** Moves at least `bytes` of those used longest ago to the host, or all that this run does not use; returns how many. */
  private reclaim(bytes: number): number {
    let sum = 0;
    const chosen: Block[] = [];
    for (const block of this.blocks) {
      if (sum >= bytes || (this.preparing && block.lastRun === this.run)) break;
      chosen.push(block);
      sum += bytesOf(block);
    }
    for (const block of chosen) {
      const moved: Moved = { data: null, arrives: this.fetch(block).then((data) => (moved.data = data)) };
      // Whoever waits for it hears of a failure.
      moved.arrives.catch(() => undefined);
      block.moved = moved;
      this.moved += bytesOf(block);
      this.leave(block);
    }
    return sum;
  }

  /**
   * Makes room below the soft limit for `bytes`. If much of what was moved out came back, the limit is too low and
   * doubles; else it falls slowly.
   */
  private sweep(bytes: number): void {
    const limit = this.softLimit;
    const gone = this.reclaim(this.bytes + bytes - limit * 0.75);
    const tooLow = this.returned * 4 > this.left + gone;
    const still = this.bytes + bytes; // above the limit where this run uses that much
    this.softLimit = Math.max(leastLimit, tooLow ? limit * 2 : limit * 0.875, still > limit ? still * 1.5 : 0);
    this.left = gone;
    this.returned = 0;
  }
}

const tooLarge = (bytes: number, limit: number): MemoryError =>
  new MemoryError(
    `webgpu: one block of ${formatBytes(bytes)} is more than this GPU lets a shader see: ${formatBytes(limit)}`,
    `its limits maxStorageBufferBindingSize and maxBufferSize say so; make the tensor smaller, or work on parts of it`,
  );
