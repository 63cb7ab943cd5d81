import { type Device, DeviceError } from "@downhill/core";
import { checkOptions, synchronize } from "@downhill/core/engine";
import type { WebGpuBackend } from "../webgpu-backend.js";
import { backendOf } from "./backend-of.js";
import { measurePeaks, type Peaks } from "./peaks.js";
import { Profiler } from "./profiler.js";

/** What one kernel took, in all the runs of a profile. */
export interface ProfiledKernel {
  /** Its ops, and the sizes of its loops. */
  readonly label: string;
  readonly runs: number;
  /** Milliseconds, in all its runs. */
  readonly milliseconds: number;
  /** Bytes that it must read and write, each element once, in all its runs. */
  readonly bytes: number;
  /** Arithmetic operations, in all its runs. */
  readonly operations: number;
  /**
   * How near it comes to what the device can do at best, from 0 to 1: the time that its bytes or its operations, whichever
   * takes longer, would take at the device's peak, as part of the time that it took (the roofline of Williams, Waterman
   * and Patterson, Roofline: An Insightful Visual Performance Model, CACM 2009).
   */
  readonly roofline: number;
}

/** The options of `profile`. */
export interface ProfileOptions {
  /** Default: the default device. */
  readonly device?: string | Device;
  /** What the device can do at best. Default: measured, once for each device, in about a second. */
  readonly peaks?: Peaks;
  /** Write the table to the console. Default: true. */
  readonly print?: boolean;
}

/** What the kernels of a function took on a GPU; `JSON.stringify` writes all of it. */
export class Profile<T = unknown> {
  /** Those that took longest first. */
  readonly kernels: readonly ProfiledKernel[];
  /** Milliseconds of all of them. */
  readonly milliseconds: number;
  readonly peaks: Peaks;
  /** What the function returned. */
  readonly result: T;

  constructor(kernels: readonly ProfiledKernel[], peaks: Peaks, result: T) {
    this.kernels = kernels;
    this.milliseconds = kernels.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
    this.peaks = peaks;
    this.result = result;
  }

  /** A table for a terminal of 100 columns. */
  toString(): string {
    const rows = this.kernels.map((kernel) => [
      kernel.milliseconds.toFixed(3),
      `${((100 * kernel.milliseconds) / this.milliseconds).toFixed(1)} %`,
      String(kernel.runs),
      (kernel.bytes / 1e6).toFixed(3),
      (kernel.operations / 1e6).toFixed(3),
      `${(100 * kernel.roofline).toFixed(1)} %`,
      kernel.label.length > 44 ? `${kernel.label.slice(0, 43)}…` : kernel.label,
    ]);
    const head = ["ms", "share", "runs", "MB", "MFLOP", "roofline", "kernel"];
    const widths = head.map((cell, i) => Math.max(cell.length, ...rows.map((row) => row[i]!.length)));
    const line = (cells: readonly string[]): string =>
      cells.map((cell, i) => (i === cells.length - 1 ? cell : cell.padStart(widths[i]!))).join("  ");
    const { bandwidth, operations } = this.peaks;
    return [
      line(head),
      ...rows.map(line),
      `${this.milliseconds.toFixed(3)} ms in all; at best ${(bandwidth / 1e9).toFixed(1)} GB/s, ${(operations / 1e9).toFixed(1)} GFLOP/s`,
    ].join("\n");
  }
}

const peaksOf = new WeakMap<WebGpuBackend, Promise<Peaks>>();

/**
 * Runs a function and measures each kernel that it runs on a GPU, with the device's own clock: how long it takes, the
 * bytes and operations it is there for, and how near that comes to the device's roofline. Prints a table, and gives the
 * same as data. What was pending before is computed first; run the function once before, so that its kernels are
 * compiled. While it is measured each kernel waits for the one before it.
 *
 * @param fn Synchronous or not.
 * @throws DeviceError on a device that is no WebGPU device, or that has no `timestamp-query`.
 */
export async function profile<T>(fn: () => T | Promise<T>, options: ProfileOptions = {}): Promise<Profile<T>> {
  checkOptions("profile", options, ["device", "peaks", "print"]);
  const hint = "explain(fn) of @downhill/core shows the kernels of any device";
  const { device, backend } = backendOf("profile", options.device, hint);
  const { engine } = backend;
  if (!engine.device.features.has("timestamp-query")) {
    throw new DeviceError(
      "profile: the device has no timestamp-query",
      "in Chrome: chrome://flags/#enable-webgpu-developer-features",
    );
  }
  const peaks = options.peaks ?? (await measured(backend));
  synchronize(device);
  const profiler = new Profiler(engine.device, engine.memory.readings);
  engine.commands.push(() => (engine.profiler = profiler));
  let result: T;
  try {
    result = await fn();
    synchronize(device);
  } finally {
    await new Promise<void>((resolve) =>
      engine.commands.push(() => {
        engine.profiler = null;
        resolve();
      }),
    );
  }
  await profiler.done();
  const kernels = [...profiler.measured.values()].map(({ label, runs, time, bytes, operations }): ProfiledKernel => {
    const least = 1e9 * Math.max(bytes / peaks.bandwidth, operations / peaks.operations);
    const roofline = time > 0 ? Math.min(1, least / time) : 0;
    return { label, runs, milliseconds: time / 1e6, bytes, operations, roofline };
  });
  kernels.sort((a, b) => b.milliseconds - a.milliseconds);
  const found = new Profile(kernels, peaks, result);
  if (options.print !== false) (globalThis as { console?: { log(text: string): void } }).console?.log(found.toString());
  return found;
}

function measured(backend: WebGpuBackend): Promise<Peaks> {
  let peaks = peaksOf.get(backend);
  if (peaks === undefined) peaksOf.set(backend, (peaks = measurePeaks(backend.engine.device)));
  return peaks;
}
