export { WebGpuBackend } from "./webgpu-backend.js";
