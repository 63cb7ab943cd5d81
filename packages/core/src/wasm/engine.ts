import { hostFunction } from "./loops/host-functions.js";
import { Heap, type HeapOptions } from "./heap.js";
import { Residency } from "./residency.js";
import { detectFeatures, type Features } from "./routines/features.js";
import { buildRoutines } from "./routines/routines.js";
import { type WasmHost, type WasmImports, webAssembly } from "./web-assembly.js";

/** What all Programs of a device share: the memory, the routines, and what the host can do. */
export class WasmEngine {
  readonly host: WasmHost;
  readonly features: Features;
  readonly heap: Heap;
  readonly residency: Residency;
  private readonly functions: Record<string, unknown> = {};
  private readonly routines: Record<string, unknown> = {};

  constructor(features: Features = detectFeatures(), options: HeapOptions = {}) {
    this.host = webAssembly()!;
    this.features = features;
    this.heap = new Heap(options);
    this.residency = new Residency(this.heap);
  }

  get flavour(): "relaxed" | "simd" | "scalar" {
    return this.features.relaxed ? "relaxed" : this.features.simd ? "simd" : "scalar";
  }

  /** Compiles a module and binds it to the memory, the routines and the functions it imports by name. */
  instantiate(
    bytes: Uint8Array,
    calls: readonly string[],
    routines: readonly string[],
    own: WasmImports,
  ): Readonly<Record<string, unknown>> {
    for (const name of calls) this.functions[name] ??= hostFunction(name);
    const module = new this.host.Module(bytes);
    for (const name of routines) this.routines[name] ??= this.routine(name);
    const shared = { env: { memory: this.heap.memory }, host: this.functions, routines: this.routines };
    const imports = { ...shared, ...own };
    return new this.host.Instance(module, imports).exports;
  }

  /** A hand-written kernel, compiled when the first Program needs it. */
  private routine(name: string): unknown {
    const module = new this.host.Module(buildRoutines(this.features, undefined, name));
    return new this.host.Instance(module, { env: { memory: this.heap.memory } }).exports[name];
  }
}
