import type { Backend } from "../backend/backend.js";
import { ReferenceBackend } from "../reference/interpreter.js";
import { WasmBackend } from "./backend.js";
import { canCompile } from "./web-assembly.js";

/** The host's console, which not every host declares. */
interface Console {
  warn(text: string): void;
}

/**
 * Opens the cpu device: the compiler, or, where WebAssembly is missing or the page's content policy forbids it, the
 * interpreter, which gives the same results a hundred times slower; one warning says so.
 */
export function openCpu(mayCompile: boolean = canCompile()): Backend {
  if (mayCompile) return new WasmBackend();
  (globalThis as { console?: Console }).console?.warn(
    "downhill: WebAssembly cannot be compiled here, so the cpu device interprets its programs, many times slower. " +
      "In a page with a content security policy, allow it: script-src 'self' 'wasm-unsafe-eval'",
  );
  return new ReferenceBackend("cpu");
}
