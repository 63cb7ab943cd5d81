import { MemoryError } from "../errors.js";

/** What a block of the Heap is for. */
export type Holder = "state" | "data" | "arena" | "other";

/** A block in use: how many bytes were asked for, for what, and what it holds (`float32[200704]`). */
export interface HeldBlock {
  readonly bytes: number;
  readonly holder: Holder;
  readonly label: string;
}

/** What holds how much of a Heap, in bytes. */
export interface HeapUsage {
  /** Bytes of all blocks in use. */
  readonly used: number;
  /** Bytes that may be in use. */
  readonly budget: number;
  /** Bytes of the WebAssembly memory; it never shrinks. */
  readonly memory: number;
  /** The most that one more block can have without growing the memory. */
  readonly largestFree: number;
  readonly holders: Readonly<Record<Holder, number>>;
  /** The largest few blocks, largest first. */
  readonly largest: readonly HeldBlock[];
}

const names: Record<Holder, string> = {
  state: "parameters and optimizer state",
  data: "resident data",
  arena: "arena",
  other: "other",
};

/** Writes a number of bytes with a unit and one decimal: `1.2 GiB`. */
export function formatBytes(bytes: number): string {
  for (const [unit, size] of units) if (bytes >= size / 10) return `${(bytes / size).toFixed(1)} ${unit}`;
  return `${bytes} bytes`;
}

const units: readonly (readonly [string, number])[] = [
  ["GiB", 2 ** 30],
  ["MiB", 2 ** 20],
  ["KiB", 2 ** 10],
];

/** The error of an allocation for which there is no room. */
export function outOfMemory(device: string, bytes: number, usage: HeapUsage): MemoryError {
  const held = (Object.keys(names) as Holder[])
    .filter((holder) => usage.holders[holder] > 0)
    .map((holder) => `${names[holder]} ${formatBytes(usage.holders[holder])}`);
  const largest = usage.largest.slice(0, 3).map(({ bytes, label }) => `${label} ${formatBytes(bytes)}`);
  return new MemoryError(
    `${device}: needs ${formatBytes(bytes)} more, ${formatBytes(usage.used)} of ${formatBytes(usage.budget)} are in use` +
      (held.length > 0 ? `: ${held.join(", ")}` : "") +
      // In use and asked for fit together, so what is free lies in pieces, or the host refused to grow the memory.
      (usage.used + bytes <= usage.budget ? ` (largest free block ${formatBytes(usage.largestFree)})` : ""),
    "make the batch or the model smaller, let go of tensors that are not needed any more, or raise the budget" +
      (largest.length > 0 ? `; the largest blocks are ${largest.join(", ")}` : ""),
  );
}
