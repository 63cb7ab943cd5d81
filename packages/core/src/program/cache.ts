import type { Executable } from "../backend/backend.js";
import { checkCount } from "../shape.js";
import type { Node } from "./node.js";
import type { Draft, Program } from "./program.js";
import { type Operands, Recurrence } from "./recurrence.js";

interface Entry {
  readonly hash: number;
  readonly signature: Int32Array;
  readonly program: Program;
  readonly executable: Executable;
  /** How many compiled functions run it beside the cache. */
  leases: number;
  dropped: boolean;
  /** What came after it the last time. */
  next: Entry | null;
  /** How its next flush is recognised, once it has come where it was expected. */
  recurrence: Recurrence | null;
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
  /** Whether the last one was the `next` of the one before. */
  private expected = false;

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

  /**
   * @internal In a steady loop the next Program is the one that came next the last time. Gives its Executable, and what
   * it runs on to compute `targets`, if it is that one.
   */
  again(
    targets: readonly Node[],
    pending: readonly Node[],
    related: boolean,
  ): { executable: Executable; operands: Operands } | null {
    const next = this.last?.next ?? null;
    const operands = next?.recurrence?.match(targets, pending, related) ?? null;
    if (next === null || operands === null) return null;
    this.follow(next);
    return { executable: next.executable, operands };
  }

  /**
   * @internal Learns how the Program of the last draft was come to, if it is expected to come again: by drafting
   * `targets` and then, unless null, everything pending; `related` says how it was asked for.
   */
  learn(targets: readonly Node[], joined: readonly Node[] | null, related: boolean): void {
    const { last } = this;
    if (last !== null && this.expected)
      last.recurrence = new Recurrence(last.signature, last.program, targets, joined, related);
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
    // Flushes that cannot be recognised without a draft repeat themselves too.
    const { last } = this;
    if (last !== null && same(last, draft)) return this.follow(last);
    const { hash } = draft;
    let list = this.entries.get(hash);
    const found = list?.find((entry) => same(entry, draft));
    if (found !== undefined) return this.follow(found);
    const program = draft.program();
    const entry: Entry = {
      hash,
      signature: draft.signature.slice(0, draft.length),
      program,
      executable: compile(program),
      leases: 0,
      dropped: false,
      next: null,
      recurrence: null,
    };
    origins.set(entry.executable, { program, serial: this.compiled });
    list = this.entries.get(hash) ?? [];
    list.push(entry);
    this.entries.delete(hash);
    this.entries.set(hash, list);
    this.count++;
    this.compiled++;
    this.advance(entry);
    this.trim();
    return entry;
  }

  /** Goes on to one that is there, and moves it to the young end. */
  private follow(entry: Entry): Entry {
    this.reused++;
    if (entry !== this.last) {
      const list = this.entries.get(entry.hash)!;
      this.entries.delete(entry.hash);
      this.entries.set(entry.hash, list);
    }
    this.advance(entry);
    return entry;
  }

  private advance(entry: Entry): void {
    const { last } = this;
    this.expected = last !== null && last.next === entry;
    if (last !== null) last.next = entry;
    this.last = entry;
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
  entry.next = null;
  if (entry.leases === 0) entry.executable.release?.();
}

function same(entry: Entry, draft: Draft): boolean {
  const a = entry.signature;
  if (a.length !== draft.length) return false;
  const b = draft.signature;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
