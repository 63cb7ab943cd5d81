import { tmpdir } from "node:os";
import { existsSync } from "node:fs";
import type { Device } from "@downhill/core";
import { type DeviceOptions, requestDevice } from "@downhill/webgpu";
import type { Engine } from "../src/device/engine.js";
import { hostGpu } from "../src/device/host-gpu.js";
import { WebGpuBackend } from "../src/webgpu-backend.js";

const driver = "/usr/lib/chromium/vk_swiftshader_icd.json";

/** Has WebGPU in Node run on the software driver that Debian's chromium brings, if it is there: the same on all machines. */
function useSoftwareDriver(): void {
  if (existsSync(driver)) process.env.VK_DRIVER_FILES ??= driver;
  process.env.XDG_RUNTIME_DIR ??= tmpdir();
}

/** Opens a Device in Node. */
export async function openSoftwareDevice(options: DeviceOptions = {}): Promise<Device> {
  useSoftwareDriver();
  return requestDevice(options);
}

/** Opens a GPUDevice in Node, with the limits given; unless they are, its adapter's on sizes of buffers. */
export async function openGpuDevice(requiredLimits?: Record<string, number>): Promise<GPUDevice> {
  useSoftwareDriver();
  const gpu = await hostGpu();
  const adapter = await gpu?.requestAdapter();
  if (!adapter) throw new Error("no adapter: is chromium installed?");
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  return adapter.requestDevice({ requiredLimits: requiredLimits ?? { maxBufferSize, maxStorageBufferBindingSize } });
}

/** What stands behind a Device that `requestDevice` has opened. */
export function engineOf({ backend }: Device): Engine {
  if (!(backend instanceof WebGpuBackend)) throw new Error(`${backend.name} is no WebGPU device`);
  return backend.engine;
}
