import { defaultDevice, init } from "@jax-js/jax";

/** In a page it works on the GPU. */
export const isOnGpu: boolean = "document" in globalThis;

const backend = isOnGpu ? "webgpu" : "wasm";
const there = await init(backend);
if (!there.includes(backend)) throw new Error(`jax-js has no ${backend} here`);
defaultDevice(backend);
