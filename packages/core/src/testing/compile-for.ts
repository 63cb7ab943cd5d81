import { defaultDevice, registerBackend } from "../backend/device.js";
import { WasmBackend } from "../wasm/backend.js";
import type { Features } from "../wasm/routines/features.js";

/**
 * Makes `cpu` a device that compiles every Program the first time, and uses no more of WebAssembly than `features`: a test
 * file that calls it before its first tensor runs on that.
 */
export function compileFor(features: Features): void {
  const backend = new WasmBackend({ features, tiering: false });
  registerBackend(backend);
  if (defaultDevice().backend !== backend) throw new Error("compileFor: a tensor was made before");
}
