import type { Executable } from "../backend/backend.js";
import type { Device } from "../backend/device.js";

/** Told of every run of a Program; `replayed` by a compiled function, without recording. */
export type RunWatch = (device: Device, executable: Executable, replayed: boolean) => void;

/** Who watches the runs; null as long as nobody does. */
export let runWatch: RunWatch | null = null;

/** Has every run told to `watch`, and returns who was told before. */
export function watchRuns(watch: RunWatch | null): RunWatch | null {
  const before = runWatch;
  runWatch = watch;
  return before;
}
