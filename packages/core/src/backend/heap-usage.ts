import type { HeldMemory, MemoryUsage } from "./memory-usage.js";
import { MemoryError } from "../errors.js";
import { formatBytes } from "../format-bytes.js";

/** What a block of the Heap is for. */
export type Holder = "state" | "data" | "arena" | "other";

/** A block in use: how many bytes were asked for, for what, and what it holds (`float32[200704]`). */
export interface HeldBlock extends HeldMemory {
  readonly holder: Holder;
}

/** What holds how much of a Heap. */
export interface HeapUsage extends MemoryUsage {
  readonly holders: Readonly<Record<Holder, number>>;
  readonly largest: readonly HeldBlock[];
}

const names: Record<Holder, string> = {
  state: "parameters and optimizer state",
  data: "resident data",
  arena: "arena",
  other: "other",
};

/** The error of an allocation for which there is no room. */
export function outOfMemory(device: string, bytes: number, usage: HeapUsage): MemoryError {
  const held = (Object.keys(names) as Holder[])
    .filter((holder) => usage.holders[holder] > 0)
    .map((holder) => `${names[holder]} ${formatBytes(usage.holders[holder])}`);
  const largest = usage.largest
    .slice(0, 3)
    .map(({ bytes, label, line }) => `${label} ${formatBytes(bytes)}${line === undefined ? "" : ` (made ${line})`}`);
  return new MemoryError(
    `${device}: needs ${formatBytes(bytes)} more, ${formatBytes(usage.live)} of ${formatBytes(usage.budget)} are in use` +
      (held.length > 0 ? `: ${held.join(", ")}` : "") +
      // In use and asked for fit together, so what is free lies in pieces, or the host refused to grow the memory.
      (usage.live + bytes <= usage.budget ? ` (largest free block ${formatBytes(usage.largestFree)})` : ""),
    "make the batch or the model smaller, let go of tensors that are not needed any more, or raise the budget with setMemoryBudget(bytes)" +
      (largest.length > 0 ? `; the largest blocks are ${largest.join(", ")}` : ""),
  );
}
