import { hostFunction } from "./loops/host-functions.js";
import { KnownCode } from "./loops/loop-functions.js";
import { Heap, type HeapOptions } from "./heap.js";
import { Residency } from "./residency.js";
import { detectFeatures, type Features } from "./routines/features.js";
import type { MemoryLimits } from "./assembler.js";
import { buildRoutines } from "./routines/routines.js";
import type { Sharing } from "./threads/sharing.js";
import { type WasmHost, type WasmImports, type WasmModule, webAssembly } from "./web-assembly.js";

/** What all Programs of a device share: the memory, the routines, and what the host can do. */
export class WasmEngine {
  readonly host: WasmHost;
  readonly features: Features;
  readonly heap: Heap;
  readonly residency: Residency;
  /** The code of loops that Programs have had. */
  readonly knownCode: KnownCode = new KnownCode();
  /** Whether modules export a function for each Kernel, `kernel0`, …: for those who time them one by one. */
  separate = false;
  private readonly functions: Record<string, unknown> = {};
  private routineModules: Record<string, WasmModule> = {};
  private routines: Record<string, unknown> = {};
  private sharingNow: Sharing | null = null;
  private generationNow = 0;

  constructor(features: Features = detectFeatures(), options: HeapOptions = {}) {
    this.host = webAssembly()!;
    this.features = features;
    this.heap = new Heap(options);
    this.residency = new Residency(this.heap);
  }

  get flavour(): "relaxed" | "simd" | "scalar" {
    return this.features.relaxed ? "relaxed" : this.features.simd ? "simd" : "scalar";
  }

  /** What modules declare of the memory that they import. */
  get limits(): MemoryLimits {
    return this.heap.limits;
  }

  /** The threads that share the work of large Kernels; null while there is one. */
  get sharing(): Sharing | null {
    return this.sharingNow;
  }

  /** Counts the changes after which Programs must be compiled anew: of the threads, and of the memory. */
  get generation(): number {
    return this.generationNow;
  }

  /** Moves everything into a memory that workers can use, unless it is there. Throws where the host has none. */
  shareMemory(): void {
    if (this.heap.limits.sharedMaximumPages !== undefined) return;
    this.heap.share();
    this.routines = {};
    this.routineModules = {};
    this.generationNow++;
  }

  /** Has these threads share the work of Programs from now on; null for one. */
  shareWork(sharing: Sharing | null): void {
    this.sharingNow?.close();
    this.sharingNow = sharing;
    this.generationNow++;
  }

  /**
   * Compiles a module and binds it to the memory, the routines and the functions it imports by name; hands it to the
   * other threads if they share its work.
   */
  instantiate(
    bytes: Uint8Array,
    calls: readonly string[],
    routines: readonly string[],
    own: WasmImports,
    shares = false,
  ): Readonly<Record<string, unknown>> {
    for (const name of calls) this.functions[name] ??= hostFunction(name);
    const module = new this.host.Module(bytes);
    for (const name of routines) this.routines[name] ??= this.routine(name);
    const shared = { env: { memory: this.heap.memory }, host: this.functions, routines: this.routines };
    const imports = { ...shared, ...this.sharing?.imports, ...own };
    const { exports } = new this.host.Instance(module, imports);
    if (shares) {
      const modules = routines.map((name) => [name, this.routineModules[name]!] as const);
      this.sharing?.load(module, Object.fromEntries(modules));
    }
    return exports;
  }

  /** A hand-written kernel, compiled when the first Program needs it. */
  private routine(name: string): unknown {
    const module = new this.host.Module(buildRoutines(this.features, this.limits, name));
    this.routineModules[name] = module;
    return new this.host.Instance(module, { env: { memory: this.heap.memory } }).exports[name];
  }
}
