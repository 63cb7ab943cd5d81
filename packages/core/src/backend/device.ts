import { DeviceError, show } from "../errors.js";
import type { Change } from "../program/change.js";
import type { Node } from "../program/node.js";
import { ProgramCache } from "../program/cache.js";
import type { Backend } from "./backend.js";
import { type MemoryUsage, usageOf } from "./memory-usage.js";

/** A place where tensors live and Programs run: a Backend, its compiled Programs, and what is recorded but not computed. */
export class Device {
  readonly name: string;
  readonly backend: Backend;
  readonly programs: ProgramCache;

  /** @internal Nodes that the caller's code can read and that have no value yet, in the order they were recorded. */
  pending: Node[] = [];
  /** @internal Bytes that `pending` will take. */
  pendingBytes = 0;
  /** @internal Changes of tensors, oldest first, whose values are not computed yet. */
  readonly changes: Change[] = [];
  /** @internal Whether pending values have been given up that some of the `changes` may stand for. */
  passedOver = false;
  /** @internal The newest Node id when a Buffer was last overwritten. */
  lastOverwrite = 0;

  constructor(name: string, backend: Backend) {
    this.name = name;
    this.backend = backend;
    this.programs = new ProgramCache();
  }

  /** Tells what holds how much of its memory; see `memoryStats`. */
  memory(): MemoryUsage {
    return usageOf(this.backend);
  }

  /** @internal Runs `fn` with another Backend in the place of this one's. */
  withBackend<T>(backend: Backend, fn: () => T): T {
    const device = this as { backend: Backend };
    const before = device.backend;
    device.backend = backend;
    try {
      return fn();
    } finally {
      device.backend = before;
    }
  }

  /** The name of the device. */
  toString(): string {
    return this.name;
  }
}

const devices = new Map<string, Device>();
let current: Device | undefined;

/** Makes a Backend available as a Device under its name; a backend of the same name is replaced for new tensors. */
export function registerBackend(backend: Backend): Device {
  const device = new Device(backend.name, backend);
  devices.set(backend.name, device);
  return device;
}

/** The names of the devices there are. */
export const deviceNames = (): string[] => [...devices.keys()];

/** Finds a Device by name, or returns the one given. */
export function getDevice(device: string | Device): Device {
  if (device instanceof Device) return device;
  const found = typeof device === "string" ? devices.get(device) : undefined;
  if (!found) {
    const hint =
      device === "webgpu"
        ? 'open it with requestDevice() of "@downhill/webgpu"'
        : `known devices: ${[...devices.keys()].join(", ")}`;
    throw new DeviceError(`unknown device ${show(device)}`, hint);
  }
  return found;
}

/** The Device that new tensors are made on; `cpu` unless set. */
export function defaultDevice(): Device {
  return (current ??= getDevice("cpu"));
}

/** Sets the Device that new tensors are made on. */
export function setDefaultDevice(device: string | Device): void {
  current = getDevice(device);
}
