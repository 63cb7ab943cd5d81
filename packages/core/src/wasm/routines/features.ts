import { ModuleBuilder, type Plain } from "../assembler.js";
import { webAssembly, type WasmHost } from "../web-assembly.js";

/** What the engine's WebAssembly can do beyond the first version. Tests pass their own, to see every flavour. */
export interface Features {
  /** 128-bit vectors. */
  readonly simd: boolean;
  /** Relaxed vectors: a fused multiply-add, where the processor has it. Never without `simd`. */
  readonly relaxed: boolean;
}

function knows(host: WasmHost, op: Plain, operands: number): boolean {
  const module = new ModuleBuilder({ minimumPages: 0 });
  module.define(null, [], [], (code) => {
    for (let i = 0; i < operands; i++) code.v128("f32x4", 0);
    code.op(op).op("drop");
  });
  return host.validate(module.finish());
}

/** Finds out what the host's WebAssembly can do, by asking it whether tiny modules are valid. */
export function detectFeatures(host: WasmHost | null = webAssembly()): Features {
  const simd = host !== null && knows(host, "f32x4.add", 2);
  return { simd, relaxed: simd && host !== null && knows(host, "f32x4.relaxed_madd", 3) };
}
