import * as tf from "@tensorflow/tfjs";

/** In a page it works on the GPU. */
export const isOnGpu: boolean = "document" in globalThis;

// Single-threaded in Node: its wasm backend starts threads in browsers only.
if (isOnGpu) await import("@tensorflow/tfjs-backend-webgpu");
else await import("@tensorflow/tfjs-backend-wasm");
await tf.setBackend(isOnGpu ? "webgpu" : "wasm");
await tf.ready();

/** What its WebGPU backend does by itself before a read. */
interface Collecting {
  readonly commandEncoder: object | null;
  endComputePassEncoder(): void;
  submitQueue(): void;
}

/** Hands what it has collected to the GPU: else the last few ops of a turn would never be computed. */
export function submit(): void {
  if (!isOnGpu) return;
  const backend = tf.backend() as unknown as Collecting;
  if (backend.commandEncoder === null) return;
  backend.endComputePassEncoder();
  backend.submitQueue();
}

export { tf };
