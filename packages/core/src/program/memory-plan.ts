/** A value that a Program keeps in its arena from kernel `first` to kernel `last`, both included. */
export interface PlannedValue {
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
  /**
   * A value whose place this one may take over: it has as many bytes and dies in the kernel where this one is born, which
   * reads each byte of it before it writes there. Ignored where sizes or lifetimes differ, and for all but the first.
   */
  readonly inPlaceOf?: number;
}

/** Where each value lies in the arena. */
export interface MemoryPlan {
  /** In bytes from the start of the arena, in the order of the values; multiples of 64. */
  readonly offsets: number[];
  /** Bytes of the arena. */
  readonly bytes: number;
  /** The most bytes alive at one time, each value rounded up to 64: no plan is smaller. */
  readonly lowerBound: number;
}

const alignment = 64;

/** The search for a smaller plan ends this near the lower bound, after this many pairs of values (3 ns each), or plans. */
const goodEnough = 1.01;
const patience = 1_000_000;
const mostTries = 100;

/** One value, or several that hand their place on; sizes in units of 64 bytes. */
interface Slot {
  readonly size: number;
  readonly first: number;
  last: number;
}

// Which Slots to place first. By size alone is best for most Programs (Pisarchyk and Lee, Efficient Memory Management
// for Deep Neural Net Inference, 2020); the others win where many are of one size or some live very long.
type Order = (a: Slot, b: Slot) => number;
const bySize: Order = (a, b) => b.size - a.size || b.last - b.first - (a.last - a.first) || a.first - b.first;
const orders: readonly Order[] = [
  (a, b) => b.last - b.first - (a.last - a.first) || b.size - a.size || a.first - b.first,
  (a, b) => b.size * (b.last - b.first + 1) - a.size * (a.last - a.first + 1) || a.first - b.first,
  (a, b) => a.first - b.first || b.last - a.last || b.size - a.size,
];

/** Lays values out in one arena so that no two that are alive in the same kernel overlap. */
export function planMemory(values: readonly PlannedValue[]): MemoryPlan {
  const { slots, slotOf } = mergeSlots(values);
  const lowerBound = mostAlive(slots);
  const layOut = (order: Order): Layout =>
    new Layout(
      slots,
      slots.map((_, index) => index).sort((a, b) => order(slots[a]!, slots[b]!)),
    );
  let tries = Math.min((2 * patience) / (slots.length ** 2 + 1), mostTries);
  let best = layOut(bySize);
  for (const order of orders) {
    if (best.height <= lowerBound * goodEnough || --tries < 1) break;
    const layout = layOut(order);
    if (layout.height < best.height) best = layout;
  }
  // What ended highest came too late: let it choose before the others.
  let last = best;
  while (best.height > lowerBound * goodEnough && --tries >= 1) {
    last = new Layout(slots, [last.highest, ...last.order.filter((index) => index !== last.highest)]);
    if (last.height < best.height) best = last;
  }
  return {
    offsets: slotOf.map((slot) => (slot < 0 ? 0 : best.starts[slot]! * alignment)),
    bytes: best.height * alignment,
    lowerBound: lowerBound * alignment,
  };
}

/** Makes one Slot of values that take over each other's place; those without bytes need none. */
function mergeSlots(values: readonly PlannedValue[]): { slots: Slot[]; slotOf: number[] } {
  const slots: Slot[] = [];
  const slotOf: number[] = values.map(() => -1);
  const enter = (value: PlannedValue, index: number): void => {
    const { bytes, first, last } = value;
    if (bytes > 0) slotOf[index] = slots.push({ size: Math.ceil(bytes / alignment), first, last }) - 1;
  };
  // In order of birth, so that a chain is followed from its start.
  const order = values.map((_, index) => index).sort((a, b) => values[a]!.first - values[b]!.first);
  for (const index of order) {
    const value = values[index]!;
    const source = value.inPlaceOf === undefined ? undefined : values[value.inPlaceOf];
    const slot = source === undefined || source === value ? -1 : slotOf[value.inPlaceOf!]!;
    if (
      slot >= 0 &&
      source!.bytes === value.bytes &&
      source!.last === value.first &&
      slots[slot]!.last === value.first
    ) {
      slots[slot]!.last = value.last;
      slotOf[index] = slot;
    } else enter(value, index);
  }
  return { slots, slotOf };
}

/** The greatest sum of sizes alive in one kernel. */
function mostAlive(slots: readonly Slot[]): number {
  let kernels = 0;
  for (const { last } of slots) kernels = Math.max(kernels, last + 1);
  const changes = new Float64Array(kernels + 1);
  for (const { size, first, last } of slots) {
    changes[first]! += size;
    changes[last + 1]! -= size;
  }
  let most = 0;
  let alive = 0;
  for (const change of changes) most = Math.max(most, (alive += change));
  return most;
}

/** Each Slot, in the given order, in the tightest gap between those placed before that it meets in time, or above them. */
class Layout {
  readonly order: readonly number[];
  readonly starts: Int32Array;
  height = 0;
  /** The Slot that ends at the height. */
  highest = 0;

  constructor(slots: readonly Slot[], order: readonly number[]) {
    this.order = order;
    this.starts = new Int32Array(slots.length);
    // What is placed, four numbers each (start, end, first, last), in order of start.
    const placed = new Int32Array(slots.length * 4);
    let count = 0;
    for (const index of order) {
      const { size, first, last } = slots[index]!;
      let top = 0;
      let least = Infinity;
      let start = 0;
      for (let k = 0; k < count; k += 4) {
        if (((placed[k + 3]! - first) | (last - placed[k + 2]!)) < 0) continue; // one ends before the other begins
        const gap = placed[k]! - top;
        if (gap >= size && gap < least) {
          least = gap;
          start = top;
          if (gap === size) break;
        }
        if (placed[k + 1]! > top) top = placed[k + 1]!;
      }
      if (least === Infinity) start = top;
      this.starts[index] = start;
      const end = start + size;
      if (end > this.height) {
        this.height = end;
        this.highest = index;
      }
      let at = count;
      while (at > 0 && placed[at - 4]! > start) at -= 4;
      placed.copyWithin(at + 4, at, count);
      placed[at] = start;
      placed[at + 1] = end;
      placed[at + 2] = first;
      placed[at + 3] = last;
      count += 4;
    }
  }
}
