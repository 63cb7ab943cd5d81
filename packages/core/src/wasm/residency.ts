import { type DType, itemSize, type TypedArray } from "../dtype.js";
import { ValueError } from "../errors.js";
import type { Heap } from "./heap.js";
import type { Holder } from "../backend/heap-usage.js";
import { HostBuffer, type Resident } from "./host-buffer.js";

/** What the registry remembers of a HostBuffer. */
interface Entry {
  readonly residency: Residency;
  readonly resident: Resident;
}

// One for all, which never dies: once a registry with collected targets is itself collected before its callback, V8 (seen
// in Node 20 and 22) calls back no more, for any registry of the thread. A registration takes 110 ns.
const registry: FinalizationRegistry<Entry> | null =
  typeof FinalizationRegistry === "undefined"
    ? null
    : /* @__PURE__ */ new FinalizationRegistry<Entry>(({ residency, resident }) => {
        residency.collected(resident);
      });

/** Below this many resident bytes nothing is evicted unless the budget asks for it. */
const leastLimit = 2 ** 28;

/**
 * Which Buffers lie in the Heap. A block is freed when its HostBuffer has been collected; as V8 notices that late, and
 * never within one turn of the event loop, the residents that were used longest ago move to typed arrays when there
 * are too many bytes of them. Nothing is lost: an evicted Buffer reads the same, and comes back when it is used.
 *
 * Measured on Node 22, 20,000 turns that each make 1 MiB, peak resident set in MiB and ms per turn, in one synchronous
 * loop / with a turn of the event loop every tenth: this class 447, 0.24 / 439, 0.21; with a WeakRef per resident in
 * place of the Residents beyond 8,000 after 7,500 turns (a WeakRef made in a job keeps its target to the job's end, and
 * with it the evicted elements) / 473, 0.20; the registry alone out of memory after 4,095 turns / 3,127, 0.23; typed
 * arrays without a Heap 85, 0.08 / 95, 0.20.
 */
export class Residency {
  readonly heap: Heap;
  /** Bytes of all residents. */
  bytes = 0;
  /** Resident bytes beyond which the least recently used are evicted; adapts to what comes back. */
  softLimit: number;

  private readonly least: number;
  private readonly residents = new Set<Resident>();
  private run = 1;
  /** Bytes evicted, and evicted bytes that came back, since the last sweep but one. */
  private left = 0;
  private returned = 0;

  constructor(heap: Heap, softLimit: number = leastLimit) {
    this.heap = heap;
    this.least = softLimit;
    this.softLimit = softLimit;
    heap.reclaim = (bytes) => this.reclaim(bytes);
  }

  /** Number of residents. */
  get count(): number {
    return this.residents.size;
  }

  /** Begins a run: what is made resident, adopted or touched from now on stays where it is until the next run begins. */
  beginRun(): void {
    this.run++;
  }

  /** Marks a Buffer as used by the run: it is not evicted while the run goes on. */
  touch(buffer: HostBuffer): void {
    if (buffer.resident !== null) buffer.resident.lastRun = this.run;
  }

  /**
   * Moves a Buffer's elements into the Heap, if they are not there, and returns their address. Counts as a touch.
   * `holder` says what it is for from now on. Throws a MemoryError.
   */
  makeResident(buffer: HostBuffer, holder?: Holder): number {
    const { resident } = buffer;
    if (resident === null || resident.address === 0) return this.moveIn(buffer, holder ?? resident?.holder ?? "data");
    resident.lastRun = this.run;
    if (holder !== undefined && holder !== resident.holder) {
      resident.holder = holder;
      this.heap.relabel(resident.address, holder);
    }
    return resident.address;
  }

  /** Makes a resident Buffer for a result; its contents are whatever was there. Throws a MemoryError. */
  adopt(length: number, dtype: DType, holder: Holder = "data"): HostBuffer {
    const buffer = new HostBuffer(dtype, length, null);
    this.enter(buffer, this.allocate(buffer, holder), holder);
    return buffer;
  }

  /** Moves a Buffer's elements out of the Heap into a typed array. */
  evict(buffer: HostBuffer): void {
    if (buffer.resident !== null && buffer.resident.address !== 0) this.moveOut(buffer.resident);
  }

  /** Lets go of a Buffer's elements; reading it is an error from now on. */
  release(buffer: HostBuffer): void {
    const { resident } = buffer;
    buffer.dropArray();
    if (resident === null) return;
    resident.array = null;
    if (resident.address !== 0) this.leave(resident);
  }

  /** Copies a Buffer's elements, wherever they are. */
  read(buffer: HostBuffer): TypedArray {
    const { address, array, dtype, length } = buffer;
    if (address !== 0) return this.heap.view(dtype, address, length).slice();
    if (array === null) throw released();
    return array.slice();
  }

  /** Overwrites a Buffer's elements, wherever they are. */
  write(buffer: HostBuffer, data: TypedArray): void {
    const { address, array, dtype, length } = buffer;
    const target = address === 0 ? array : this.heap.view(dtype, address, length);
    if (target === null) throw released();
    target.set(data);
  }

  /** Evicts at least `bytes` of those used longest ago, or all that this run does not use; returns how many. */
  reclaim(bytes: number): number {
    const idle: Resident[] = [];
    for (const resident of this.residents) if (resident.lastRun !== this.run) idle.push(resident);
    idle.sort((a, b) => a.lastRun - b.lastRun);
    const before = this.bytes;
    for (let k = 0; k < idle.length && before - this.bytes < bytes; k++) {
      try {
        this.moveOut(idle[k]!);
      } catch {
        break; // no room for the typed array: the elements stay where they are
      }
    }
    return before - this.bytes;
  }

  /** @internal Frees the block of a HostBuffer that has been collected. */
  collected(resident: Resident): void {
    if (resident.address !== 0) this.leave(resident);
  }

  private moveIn(buffer: HostBuffer, holder: Holder): number {
    const { resident, array, dtype, length } = buffer;
    if (array === null) throw released();
    const address = this.allocate(buffer, holder);
    this.heap.view(dtype, address, length).set(array);
    if (resident !== null) this.returned += buffer.byteLength;
    this.enter(buffer, address, holder);
    return address;
  }

  private allocate({ byteLength, dtype, length }: HostBuffer, holder: Holder): number {
    if (this.bytes + byteLength > this.softLimit) this.sweep(byteLength);
    return this.heap.allocate(byteLength, holder, `${dtype}[${length}]`);
  }

  private enter(buffer: HostBuffer, address: number, holder: Holder): void {
    const { dtype, length } = buffer;
    const resident = (buffer.resident ??= { dtype, length, holder, address, array: null, lastRun: 0 });
    resident.holder = holder;
    resident.address = address;
    resident.array = null;
    resident.lastRun = this.run;
    buffer.dropArray();
    this.bytes += buffer.byteLength;
    this.residents.add(resident);
    registry?.register(buffer, { residency: this, resident }, resident);
  }

  private leave(resident: Resident): void {
    this.heap.free(resident.address);
    resident.address = 0;
    this.residents.delete(resident);
    this.bytes -= byteLength(resident);
    // Else the registry would hold the Resident, and with it the evicted elements, until the event loop turns.
    registry?.unregister(resident);
  }

  private moveOut(resident: Resident): void {
    const { dtype, address, length } = resident;
    resident.array = this.heap.view(dtype, address, length).slice();
    this.leave(resident);
  }

  /**
   * Makes room below the soft limit for `bytes`. If much of what was evicted came back, the limit is too low and doubles;
   * else it falls slowly.
   */
  private sweep(bytes: number): void {
    const limit = this.softLimit;
    const evicted = this.reclaim(this.bytes + bytes - limit * 0.75);
    const tooLow = this.returned * 4 > this.left + evicted;
    const still = this.bytes + bytes; // above the limit where this run uses that much
    this.softLimit = Math.max(this.least, tooLow ? limit * 2 : limit * 0.875, still > limit ? still * 1.5 : 0);
    this.left = evicted;
    this.returned = 0;
  }
}

const byteLength = ({ dtype, length }: Resident): number => length * itemSize[dtype];

const released = (): ValueError => new ValueError("cpu: the memory of this tensor has been released");
