export { DeviceLostError } from "./errors.js";
export { type DeviceOptions, isAvailable, requestDevice } from "./request-device.js";
export { WebGpuBackend } from "./webgpu-backend.js";
