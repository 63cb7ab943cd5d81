import { DeviceError } from "@downhill/core";

/** The GPU's device is gone: its driver was reset, its tab lost the GPU, or it was destroyed. What it held is lost. */
export class DeviceLostError extends DeviceError {
  override name = "DeviceLostError";
}
