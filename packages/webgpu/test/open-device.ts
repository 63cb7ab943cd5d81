import { tmpdir } from "node:os";
import { hostGpu } from "../src/device/host-gpu.js";

/** Opens a GPUDevice on the software adapter that Debian's chromium ships. */
export async function openGpuDevice(): Promise<GPUDevice> {
  process.env.VK_DRIVER_FILES ??= "/usr/lib/chromium/vk_swiftshader_icd.json";
  process.env.XDG_RUNTIME_DIR ??= tmpdir();
  const gpu = await hostGpu();
  const adapter = await gpu?.requestAdapter();
  if (!adapter) throw new Error("no adapter: is chromium installed?");
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  return adapter.requestDevice({ requiredLimits: { maxBufferSize, maxStorageBufferBindingSize } });
}
