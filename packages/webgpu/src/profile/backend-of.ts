import { defaultDevice, type Device, DeviceError, getDevice } from "@downhill/core";
import { WebGpuBackend } from "../webgpu-backend.js";

/** A device, and its backend. Throws where it is no WebGPU device; `hint` says what else there is. */
export function backendOf(
  who: string,
  chosen: string | Device | undefined,
  hint: string,
): { device: Device; backend: WebGpuBackend } {
  const device = getDevice(chosen ?? defaultDevice());
  const { backend } = device;
  if (!(backend instanceof WebGpuBackend)) throw new DeviceError(`${who}: ${device.name} is no WebGPU device`, hint);
  return { device, backend };
}
