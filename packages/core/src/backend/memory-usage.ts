/** A block of a device's memory that is in use: how many bytes, for what, and what it holds (`float32[200704]`). */
export interface HeldMemory {
  readonly bytes: number;
  readonly holder: string;
  readonly label: string;
  /** The line of the caller's code that made it, where the device keeps that (`requestDevice({ debug: true })`). */
  readonly line?: string;
}

/** What holds how much of a device's memory, in bytes. */
export interface MemoryUsage {
  /** Bytes in use. */
  readonly live: number;
  /** Bytes that the device has taken from its host and does not use: they are there for what comes next. */
  readonly pooled: number;
  /** Bytes that have moved to the host's memory for want of room, until they are used; they do not count as live. */
  readonly moved: number;
  /** The most bytes that were in use at one time; see `resetPeakMemoryStats`. */
  readonly peak: number;
  /** Bytes that may be in use. */
  readonly budget: number;
  /** The most that one more tensor can have without taking more from the host. */
  readonly largestFree: number;
  /** Bytes in use, by what they are for: `state` (parameters and optimizer state), `data`, `arena` (intermediates), … */
  readonly holders: Readonly<Record<string, number>>;
  /** What is largest, largest first. */
  readonly largest: readonly HeldMemory[];
}

/** The memory that a Backend keeps for its Programs. */
export interface DeviceMemory {
  /** The most bytes that may be in use. */
  budget: number;
  /** What is held now. */
  usage(): MemoryUsage;
  /** Counts the peak anew, from what is in use now. */
  resetPeak(): void;
}

const nothing: MemoryUsage = {
  live: 0,
  pooled: 0,
  moved: 0,
  peak: 0,
  budget: Infinity,
  largestFree: 0,
  holders: {},
  largest: [],
};

/** What holds how much of a Backend's memory; all 0 where it keeps none of its own. */
export const usageOf = ({ memory }: { readonly memory?: DeviceMemory | undefined }): MemoryUsage =>
  memory?.usage() ?? nothing;
