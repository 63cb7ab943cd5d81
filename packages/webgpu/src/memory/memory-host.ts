import type { CommandQueue } from "../device/command-queue.js";
import type { FailureRecord } from "./failure-record.js";

/** What a device's memory needs of what is around it. */
export interface MemoryHost {
  readonly device: GPUDevice;
  readonly commands: CommandQueue;
  readonly failures: FailureRecord;
  /** Whether blocks remember where they were made. */
  readonly debug: boolean;
  /** What has gone wrong, if anything has, so that no read gives a value that may be wrong. */
  takeFailure(): Error | null;
  /** Has the next read tell of an error, unless one does that has met it. */
  tell(error: Error): void;
  heard(error: unknown): void;
  /** Throws where the device is lost. */
  checkAlive(): void;
}
