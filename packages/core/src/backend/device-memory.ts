import { DeviceError, show, ValueError } from "../errors.js";
import { defaultDevice, type Device, getDevice } from "./device.js";
import type { MemoryUsage } from "./memory-usage.js";

/**
 * Tells what holds how much of a device's memory. On `cpu` that is the WebAssembly memory, where Programs work: what is
 * small, or not used by any, lies in JavaScript's typed arrays and does not count. All 0 where Programs are interpreted.
 * Like torch.cuda.memory_stats.
 *
 * @param device Default: the default device.
 *
 * @example
 * const w = zeros([1000, 1000]);
 * const product = w.matmul(w);
 * await product.at(0, 0).item();
 * const { live, holders, budget } = memoryStats();
 * console.log(live >= 8e6, holders.data! >= 8e6, budget < 2 ** 32); // true true true
 */
export function memoryStats(device: string | Device = defaultDevice()): MemoryUsage {
  return getDevice(device).memory();
}

/**
 * Counts `memoryStats().peak` anew, from what is in use now: what a stretch of code takes. Same as
 * torch.cuda.reset_peak_memory_stats.
 *
 * @param device Default: the default device.
 *
 * @example
 * resetPeakMemoryStats();
 * const before = memoryStats().peak;
 * const x = rand([500, 500]);
 * await x.matmul(x).sum().item();
 * console.log(memoryStats().peak > before); // true
 */
export function resetPeakMemoryStats(device: string | Device = defaultDevice()): void {
  getDevice(device).backend.memory?.resetPeak();
}

/**
 * Limits the bytes that a device may have in use. A step that would need more throws a MemoryError that says what holds
 * how much, before it has changed anything: parameters and optimizer state are as they were, and a smaller step runs.
 * Lowering the limit frees nothing by itself. Like torch.cuda.set_per_process_memory_fraction, in bytes.
 *
 * @param bytes Infinity for all that the device can have (`cpu`: 4 GiB).
 * @param device Default: the default device.
 *
 * @example
 * setMemoryBudget(64 * 2 ** 20);
 * const x = zeros([4096, 4096]);
 * await x.matmul(x).at(0, 0).item().catch((error: Error) => console.log(error.name)); // MemoryError
 * setMemoryBudget(Infinity);
 */
export function setMemoryBudget(bytes: number, device: string | Device = defaultDevice()): void {
  if (typeof bytes !== "number" || !(bytes >= 0))
    throw new ValueError(`setMemoryBudget: takes bytes, 0 or more, got ${show(bytes)}`, "Infinity lifts the limit");
  const { name, backend } = getDevice(device);
  if (backend.memory === undefined)
    throw new DeviceError(
      `setMemoryBudget: ${name} keeps no memory of its own that could be limited`,
      "its tensors are typed arrays, which JavaScript's garbage collector takes back",
    );
  backend.memory.budget = bytes;
}
