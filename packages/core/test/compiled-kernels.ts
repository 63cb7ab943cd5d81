import { type Device, flush } from "@downhill/core/engine";
import type { Tensor } from "@downhill/core";
import type { Kernel } from "../src/kernel/kernel.js";
import type { CompiledProgram } from "../src/wasm/compiled-program.js";

/** The Kernels that compute a value on a device that compiles without tiering. */
export function kernelsOf(device: Device, make: () => Tensor): readonly Kernel[] {
  const compiled: CompiledProgram[] = [];
  const { backend } = device;
  const compile = backend.compile.bind(backend);
  backend.compile = (program) => {
    const executable = compile(program);
    compiled.push(executable as unknown as CompiledProgram);
    return executable;
  };
  flush(make());
  backend.compile = compile;
  return compiled.at(-1)!.schedule.kernels;
}
