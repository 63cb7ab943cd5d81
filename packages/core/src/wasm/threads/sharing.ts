import type { Code, ModuleBuilder } from "../assembler.js";
import type { LoopKernel, MatmulKernel } from "../../kernel/kernel.js";
import type { LoopFunctions } from "../loops/loop-functions.js";
import type { Range, Surroundings } from "../loops/loop-kernel.js";
import type { WasmImports, WasmModule } from "../web-assembly.js";

/** How the Kernels of one Program are shared among threads, while its module is written. */
export interface SharedKernels {
  /** Considers a Kernel: defines a function that computes a range of it, if threads are to share it. */
  loop(index: number, kernel: LoopKernel, loops: LoopFunctions, around: Surroundings): void;
  /** The same for a matrix product; `write` computes a range of its rows on the thread whose number is in a local. */
  matmul(
    index: number,
    kernel: MatmulKernel,
    rows: number,
    write: (code: Code, range: Range, thread: number) => void,
  ): void;
  /** Defines what runs them, once all have been considered; tells whether there are any. */
  close(): boolean;
  has(index: number): boolean;
  /** Runs a Kernel on all threads, and waits for them. */
  call(code: Code, index: number): void;
}

/** Threads, as the engine and its Programs see them. The engine itself does not load the code behind this. */
export interface Sharing {
  readonly threads: number;
  /** The number of the next Program that is loaded. */
  readonly nextProgram: number;
  /** What the modules of Programs import. */
  readonly imports: WasmImports;
  /** Whether a thread has failed: what was computed is not complete. */
  readonly hasFailed: boolean;
  /** Begins the module of the next Program; nothing else has been defined in it. */
  begin(module: ModuleBuilder): SharedKernels;
  /** Hands the next Program's module, and the routines that it imports, to the other threads. */
  load(module: WasmModule, routines: Readonly<Record<string, WasmModule>>): void;
  drop(program: number): void;
  close(): void;
}
