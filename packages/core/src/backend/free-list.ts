/**
 * The free blocks of an address range, in order of address; neighbours are merged, so that no two touch. Best fit, the
 * lowest address among equals. Linear in the number of free blocks, which is small: equal turns of a loop give back and
 * take the same sizes.
 */
export class FreeList {
  private readonly starts: number[] = [];
  private readonly sizes: number[] = [];

  /** How many blocks there are. */
  get count(): number {
    return this.starts.length;
  }

  /** Bytes of the largest block. */
  get largest(): number {
    let most = 0;
    for (const size of this.sizes) if (size > most) most = size;
    return most;
  }

  /** Bytes of the block that ends at `end`; 0 if none does. */
  endingAt(end: number): number {
    const last = this.starts.length - 1;
    return last >= 0 && end === this.starts[last]! + this.sizes[last]! ? this.sizes[last]! : 0;
  }

  /** Takes `bytes` and returns their address; -1 if no block is large enough. */
  take(bytes: number): number {
    const { starts, sizes } = this;
    let best = -1;
    let least = Infinity;
    for (let k = 0; k < sizes.length; k++) {
      const size = sizes[k]!;
      if (size < bytes || size >= least) continue;
      best = k;
      least = size;
      if (size === bytes) break;
    }
    if (best < 0) return -1;
    const start = starts[best]!;
    this.cut(best, start, bytes);
    return start;
  }

  /** Takes `bytes` at `start`; tells whether they were free. */
  takeAt(start: number, bytes: number): boolean {
    const k = this.after(start) - 1;
    if (k < 0 || this.starts[k]! + this.sizes[k]! < start + bytes) return false;
    this.cut(k, start, bytes);
    return true;
  }

  /** Gives back `bytes` at `start`. */
  give(start: number, bytes: number): void {
    const { starts, sizes } = this;
    const k = this.after(start);
    const joinsBefore = k > 0 && start === starts[k - 1]! + sizes[k - 1]!;
    const joinsAfter = k < starts.length && start + bytes === starts[k]!;
    if (joinsBefore && joinsAfter) {
      sizes[k - 1] = sizes[k - 1]! + bytes + sizes[k]!;
      starts.splice(k, 1);
      sizes.splice(k, 1);
    } else if (joinsBefore) sizes[k - 1] = sizes[k - 1]! + bytes;
    else if (joinsAfter) {
      starts[k] = start;
      sizes[k] = sizes[k]! + bytes;
    } else {
      starts.splice(k, 0, start);
      sizes.splice(k, 0, bytes);
    }
  }

  /** The place of the first block that starts beyond `address`. */
  private after(address: number): number {
    const { starts } = this;
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (starts[middle]! <= address) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Cuts `bytes` at `start` out of block k. */
  private cut(k: number, start: number, bytes: number): void {
    const { starts, sizes } = this;
    const before = start - starts[k]!;
    const after = sizes[k]! - before - bytes;
    if (before > 0) {
      sizes[k] = before;
      if (after > 0) {
        starts.splice(k + 1, 0, start + bytes);
        sizes.splice(k + 1, 0, after);
      }
    } else if (after > 0) {
      starts[k] = start + bytes;
      sizes[k] = after;
    } else {
      starts.splice(k, 1);
      sizes.splice(k, 1);
    }
  }
}
