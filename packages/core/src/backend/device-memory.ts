import { DeviceError, show, ValueError } from "../errors.js";
import { defaultDevice, type Device, getDevice } from "./device.js";

/** A block of a device's memory that is in use: how many bytes, for what, and what it holds (`float32[200704]`). */
export interface HeldMemory {
  readonly bytes: number;
  readonly holder: string;
  readonly label: string;
}

/** What holds how much of a device's memory, in bytes. */
export interface MemoryUsage {
  /** Bytes in use. */
  readonly used: number;
  /** Bytes that may be in use. */
  readonly budget: number;
  /** Bytes that the device has taken from its host, in use or not. */
  readonly memory: number;
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
  usage(): MemoryUsage;
}

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
 * const { used, holders, budget } = memoryStats();
 * console.log(used >= 8e6, holders.data! >= 8e6, budget < 2 ** 32); // true true true
 */
export function memoryStats(device: string | Device = defaultDevice()): MemoryUsage {
  const { memory } = getDevice(device).backend;
  return memory?.usage() ?? { used: 0, budget: Infinity, memory: 0, largestFree: 0, holders: {}, largest: [] };
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
