import type { Executable } from "../backend/backend.js";
import { checkCount } from "../shape.js";
import type { Draft, Program } from "./program.js";

interface Entry {
  readonly signature: Int32Array;
  readonly program: Program;
  readonly executable: Executable;
  /** How many compiled functions run it beside the cache. */
  leases: number;
  dropped: boolean;
}

/** A Program that was compiled, and how many of its device were before it. */
export interface Origin {
  readonly program: Program;
  readonly serial: number;
}

const origins = new WeakMap<Executable, Origin>();

/** What an Executable was compiled from. */
export const originOf = (executable: Executable): Origin => origins.get(executable)!;

/** A Program's Executable, which stays as it is until it is given back, also if the cache has dropped it. */
export interface Lease {
  readonly executable: Executable;
  release(): void;
}

/** The compiled Programs of a device, found by signature; past `limit`, the least recently used one is dropped. */
export class ProgramCache {
  /** Programs compiled so far. */
  compiled = 0;
  /** Flushes that found their Program here. */
  reused = 0;
  private bound = 512;
  // By hash, oldest first. Hashes of different Programs may collide, so each holds a list.
  private readonly entries = new Map<number, Entry[]>();
  private count = 0;
  private last: Entry | null = null;
  /**
   * @internal If everything pending joined the flush that made the last Program: how many facts it had by then, else -1.
   */
  lastJoined = -1;

  /** Number of Programs held. */
  get size(): number {
    return this.count;
  }

  /** The most Programs held at once. */
  get limit(): number {
    return this.bound;
  }

  set limit(value: number) {
    this.bound = checkCount("ProgramCache.limit", "limit", value, 1);
    this.trim();
  }

  /** The Programs held, least recently used first. */
  programs(): Program[] {
    return [...this.entries.values()].flatMap((list) => list.map((entry) => entry.program));
  }

  /** The last Executable, if the draft is its Program. */
  again(draft: Draft): Executable | null {
    if (this.last === null || !same(this.last, draft)) return null;
    this.reused++;
    return this.last.executable;
  }

  /** Finds the Executable of a draft's Program, or compiles it. */
  get(draft: Draft, compile: (program: Program) => Executable): Executable {
    return this.find(draft, compile).executable;
  }

  /** As `get`, for one who keeps the Executable. */
  lease(draft: Draft, compile: (program: Program) => Executable): Lease {
    const entry = this.find(draft, compile);
    entry.leases++;
    return {
      executable: entry.executable,
      release: () => {
        if (--entry.leases === 0 && entry.dropped) entry.executable.release?.();
      },
    };
  }

  private find(draft: Draft, compile: (program: Program) => Executable): Entry {
    // In a steady loop the last Program is the next one: no need to move it to the young end.
    if (this.last !== null && same(this.last, draft)) {
      this.reused++;
      return this.last;
    }
    const { hash } = draft;
    let list = this.entries.get(hash);
    const found = list?.find((entry) => same(entry, draft));
    if (list !== undefined && found !== undefined) {
      this.entries.delete(hash);
      this.entries.set(hash, list);
      this.last = found;
      this.reused++;
      return found;
    }
    const program = draft.program();
    const entry: Entry = {
      signature: draft.signature.slice(0, draft.length),
      program,
      executable: compile(program),
      leases: 0,
      dropped: false,
    };
    origins.set(entry.executable, { program, serial: this.compiled });
    list = this.entries.get(hash) ?? [];
    list.push(entry);
    this.entries.delete(hash);
    this.entries.set(hash, list);
    this.count++;
    this.compiled++;
    this.last = entry;
    this.trim();
    return entry;
  }

  /** Drops every Program. */
  clear(): void {
    for (const list of this.entries.values()) for (const entry of list) drop(entry);
    this.entries.clear();
    this.count = 0;
    this.last = null;
  }

  private trim(): void {
    while (this.count > this.bound) {
      const [hash, list] = this.entries.entries().next().value!;
      const entry = list.shift()!;
      if (list.length === 0) this.entries.delete(hash);
      if (this.last === entry) this.last = null;
      drop(entry);
      this.count--;
    }
  }
}

function drop(entry: Entry): void {
  entry.dropped = true;
  if (entry.leases === 0) entry.executable.release?.();
}

function same(entry: Entry, draft: Draft): boolean {
  const a = entry.signature;
  if (a.length !== draft.length) return false;
  const b = draft.signature;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
