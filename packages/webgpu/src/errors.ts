import { DeviceError } from "@downhill/core";

/** The hint of errors that no code of the caller's should be able to make. */
export const defect = "this is a defect of @downhill/webgpu, or of the GPU's driver";

/** The GPU's device is gone: its driver was reset, its tab lost the GPU, or it was destroyed. What it held is lost. */
export class DeviceLostError extends DeviceError {
  override name = "DeviceLostError";
}
