import { type DType, hostArrays, type TypedArray } from "../dtype.js";
import { DeviceError } from "../errors.js";
import { FreeList } from "../backend/free-list.js";
import { type HeapUsage, type HeldBlock, type Holder, outOfMemory } from "../backend/heap-usage.js";
import type { MemoryLimits } from "./assembler.js";
import { webAssembly, type WasmMemory } from "./web-assembly.js";

/** The alignment of every block, in bytes: a cache line. */
export const alignment = 64;
const page = 65536;

/** Bytes at the start of the memory that are never given out, for the tables of compiled code: no block has address 0. */
export const reservedBytes: number = page;

export interface HeapOptions {
  /** The device's name, for errors. */
  readonly name?: string;
  /** Lets workers use the memory: it lies in a SharedArrayBuffer. */
  readonly shared?: boolean;
  /** The most that the memory may grow to; 4 GiB less a page, or what the host grants. */
  readonly maximumBytes?: number;
  /** The most bytes in use; as many as fit unless given. */
  readonly budget?: number;
}

interface Block extends HeldBlock {
  readonly size: number;
}

export const rounded = (bytes: number): number => Math.max(Math.ceil(bytes / alignment), 1) * alignment;

/**
 * One growable WebAssembly memory, given out in 64-byte aligned blocks. The bookkeeping lies outside the memory. Blocks
 * never move, so an address is good until it is freed; typed arrays over the memory are good until the next allocation.
 */
export class Heap {
  private memoryNow: WasmMemory;
  private isShared: boolean;
  /** Asked for room before an allocation fails: frees about `bytes`, and returns how many it freed. */
  reclaim: ((bytes: number) => number) | null = null;

  private readonly name: string;
  private maximum: number;
  private readonly blocks = new Map<number, Block>();
  private readonly gaps = new FreeList();
  private end: number;
  private inUse = 0;
  private most = 0;
  private bound: number;
  private bufferNow: ArrayBufferLike;
  private u8Now!: Uint8Array;
  private i32Now!: Int32Array;
  private f32Now!: Float32Array;
  private f64Now!: Float64Array;
  private arena = 0;
  private arenaSize = 0;

  constructor(options: HeapOptions = {}) {
    const { name = "cpu", shared = false, maximumBytes = 2 ** 32 - page, budget = Infinity } = options;
    this.name = name;
    const made = openMemory(shared, Math.max(Math.floor(maximumBytes / page), 2));
    this.memoryNow = made.memory;
    this.isShared = shared;
    this.maximum = made.pages * page;
    this.bound = budget;
    this.bufferNow = this.memory.buffer;
    this.end = this.bufferNow.byteLength;
    this.gaps.give(reservedBytes, this.end - reservedBytes);
    this.renew();
  }

  get memory(): WasmMemory {
    return this.memoryNow;
  }

  /** What modules declare of the memory that they import. */
  get limits(): MemoryLimits {
    return this.isShared ? { minimumPages: 1, sharedMaximumPages: this.maximum / page } : { minimumPages: 1 };
  }

  /**
   * Copies everything into a memory that workers can use, to the same addresses. Compiled code must be bound anew. Throws
   * where the host has no such memory, or no room for both.
   */
  share(): void {
    const made = openMemory(true, this.maximum / page, this.end / page);
    new Uint8Array(made.memory.buffer).set(this.u8Now);
    this.memoryNow = made.memory;
    this.maximum = made.pages * page;
    this.isShared = true;
    this.bufferNow = made.memory.buffer;
    this.renew();
  }

  /** The most bytes that may be in use. Lowering it frees nothing by itself. */
  get budget(): number {
    return Math.min(this.bound, this.maximum - reservedBytes);
  }

  set budget(bytes: number) {
    this.bound = bytes;
  }

  resetPeak(): void {
    this.most = this.inUse;
  }

  /** Bytes in use. */
  get used(): number {
    return this.inUse;
  }

  /** The whole memory as elements of one kind. Good until the next allocation: ask again after it. */
  get u8(): Uint8Array {
    return this.u8Now;
  }
  get i32(): Int32Array {
    return this.i32Now;
  }
  get f32(): Float32Array {
    return this.f32Now;
  }
  get f64(): Float64Array {
    return this.f64Now;
  }

  /** The elements of a block. Good until the next allocation. */
  view(dtype: DType, address: number, length: number): TypedArray {
    return new hostArrays[dtype](this.bufferNow, address, length);
  }

  /**
   * Takes a block and returns its address, a multiple of 64; its contents are whatever was there. Throws a MemoryError
   * when there is no room, after `reclaim` has freed what it can.
   */
  allocate(bytes: number, holder: Holder = "other", label = ""): number {
    const size = rounded(bytes);
    let address = this.place(size);
    while (address < 0) {
      if (!this.makeRoom(size)) throw outOfMemory(this.name, bytes, this.usage());
      address = this.place(size);
    }
    this.hold(address, { bytes, size, holder, label });
    return address;
  }

  /** Gives a block back. */
  free(address: number): void {
    const block = this.blocks.get(address);
    if (block === undefined) throw new RangeError(`${this.name}: no block at address ${address}`);
    this.blocks.delete(address);
    this.inUse -= block.size;
    this.gaps.give(address, block.size);
  }

  /** Says what a block is for from now on. */
  relabel(address: number, holder: Holder, label?: string): void {
    const block = this.blocks.get(address);
    if (block !== undefined) this.blocks.set(address, { ...block, holder, label: label ?? block.label });
  }

  /** Bytes of the arena. */
  get arenaBytes(): number {
    return this.arenaSize;
  }

  /** Where the arena is; it moves when it grows. */
  get arenaAddress(): number {
    return this.arena;
  }

  /**
   * Makes the arena at least `bytes` large and returns its address. All Programs share it: what they keep there is dead
   * between runs, so its contents are lost when it moves. If there is no room it stays as it is.
   */
  reserveArena(bytes: number): number {
    if (bytes <= this.arenaSize) return this.arena;
    const { arena, arenaSize } = this;
    // Freed first: the larger one may well begin where the old one did.
    if (arena !== 0) this.free(arena);
    try {
      this.arena = this.allocate(bytes, "arena", "arena");
      this.arenaSize = rounded(bytes);
    } catch (error) {
      // A failed allocation takes nothing, so the old place is still free.
      if (arena !== 0 && this.gaps.takeAt(arena, arenaSize)) {
        this.hold(arena, { bytes: arenaSize, size: arenaSize, holder: "arena", label: "arena" });
      }
      throw error;
    }
    return this.arena;
  }

  /** Tells what holds how much, with the largest `count` blocks. */
  usage(count = 5): HeapUsage {
    const holders: Record<Holder, number> = { state: 0, data: 0, arena: 0, other: 0 };
    for (const { holder, size } of this.blocks.values()) holders[holder] += size;
    const largest = [...this.blocks.values()].sort((a, b) => b.size - a.size).slice(0, count);
    return {
      live: this.inUse,
      pooled: this.end - reservedBytes - this.inUse,
      moved: 0, // what moves out lies in typed arrays, which are the collector's
      peak: this.most,
      budget: this.budget,
      largestFree: this.gaps.largest,
      holders,
      largest: largest.map(({ bytes, holder, label }) => ({ bytes, holder, label: label || holder })),
    };
  }

  private hold(address: number, block: Block): void {
    this.blocks.set(address, block);
    this.inUse += block.size;
    if (this.inUse > this.most) this.most = this.inUse;
  }

  /** Has others give something back, where that may help; tells whether they did. */
  private makeRoom(size: number): boolean {
    if (this.reclaim === null || size > this.budget) return false;
    const excess = this.inUse + size - this.budget;
    return this.reclaim(excess > 0 ? excess : size) > 0;
  }

  /** Finds room for a block within the budget, growing the memory if needed; -1 if there is none. */
  private place(size: number): number {
    if (this.inUse + size > this.budget) return -1;
    const address = this.gaps.take(size);
    if (address >= 0) return address;
    return this.grow(size - this.gaps.endingAt(this.end)) ? this.gaps.take(size) : -1;
  }

  /** Grows the memory by at least `bytes`: to its double while it is small, by 256 MiB when it is large. */
  private grow(bytes: number): boolean {
    const limit = Math.min(this.maximum, Math.ceil((reservedBytes + this.budget) / page) * page);
    const least = Math.ceil(bytes / page);
    const most = Math.floor((limit - this.end) / page);
    if (least > most) return false;
    const wanted = Math.min(Math.max(least, Math.min(this.end, 2 ** 28) / page), most);
    if (!this.growBy(wanted) && (wanted === least || !this.growBy(least))) return false;
    this.bufferNow = this.memory.buffer;
    const end = this.bufferNow.byteLength;
    this.gaps.give(this.end, end - this.end);
    this.end = end;
    this.renew();
    return true;
  }

  private growBy(pages: number): boolean {
    try {
      return this.memory.grow(pages) >= 0;
    } catch {
      return false; // a RangeError: the host has no more
    }
  }

  private renew(): void {
    const buffer = this.bufferNow;
    this.u8Now = new Uint8Array(buffer);
    this.i32Now = new Int32Array(buffer);
    this.f32Now = new Float32Array(buffer);
    this.f64Now = new Float64Array(buffer);
  }
}

/** Opens a memory that may grow to `pages`, or to as many as the host grants: some reserve all of them at once. */
function openMemory(
  shared: boolean,
  pages: number,
  initial: number = Math.min(16, pages),
): { memory: WasmMemory; pages: number } {
  const host = webAssembly();
  if (host === null) throw new DeviceError("cpu: there is no WebAssembly here");
  for (let maximum = pages; ; maximum = Math.floor(maximum / 2)) {
    try {
      return { memory: new host.Memory({ initial, maximum, shared }), pages: maximum };
    } catch (error) {
      if (maximum / 2 < initial) throw error;
    }
  }
}
