import type { Traffic } from "./webgpu/traffic.ts";

/** A contestant cannot take part (any more); the message is a few words for the table. */
export class DropOut extends Error {}

/** One contestant at one work, in a process or a page of its own. Whatever it cannot do is a DropOut. */
export interface Opened {
  /** The numbers to agree on, and why they may differ. */
  check(seconds: number): Promise<{ numbers: readonly number[]; differs: string | undefined }>;
  /** Seconds that so many steps take; gives up after `limit` seconds. */
  run(steps: number, limit: number): Promise<number>;
  /** What so many steps ask a GPU for, per step; null where there is none. */
  count(steps: number, limit: number): Promise<Traffic | null>;
  close(): void;
}
