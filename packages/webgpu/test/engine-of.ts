import type { Device } from "@downhill/core";
import type { Engine } from "../src/device/engine.js";
import { WebGpuBackend } from "../src/webgpu-backend.js";

/** What a WebGPU device keeps and counts. */
export function engineOf({ backend }: Device): Engine {
  if (backend instanceof WebGpuBackend) return backend.engine;
  throw new TypeError(`${backend.name} is no WebGPU device`);
}
