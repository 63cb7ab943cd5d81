import { describeBackend } from "@downhill/core/testing";
import { describe, it } from "vitest";
import { WasmBackend } from "../src/wasm/backend.js";

const flavours = {
  "relaxed SIMD": { simd: true, relaxed: true },
  "plain SIMD": { simd: true, relaxed: false },
  "no SIMD": { simd: false, relaxed: false },
};

for (const [name, features] of Object.entries(flavours)) {
  describeBackend(
    `WebAssembly with ${name}`,
    () => new WasmBackend({ name, features, tiering: false }),
    {},
    { describe, it },
  );
}
