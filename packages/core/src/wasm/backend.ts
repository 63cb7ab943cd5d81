import type { Backend, Buffer, Executable, MemoryNeeds } from "../backend/backend.js";
import type { DeviceMemory } from "../backend/memory-usage.js";
import { type DType, dtypes, itemSize, type TypedArray } from "../dtype.js";
import { DTypeError } from "../errors.js";
import type { Program } from "../program/program.js";
import { sizeOf } from "../shape.js";
import { CompiledProgram } from "./compiled-program.js";
import { WasmEngine } from "./engine.js";
import { type HeapOptions, rounded } from "./heap.js";
import { HostBuffer, hostBuffer } from "./host-buffer.js";
import { planProgram } from "./program-plan.js";
import type { Features } from "./routines/features.js";
import { TieredProgram } from "./tiered-program.js";

export interface WasmBackendOptions extends HeapOptions {
  /** What to use of the host's WebAssembly; all that it has unless given. */
  readonly features?: Features;
  /** Interpret small Programs the first time. Default: true. */
  readonly tiering?: boolean;
  /** Fuse values into Kernels; off only in tests, without tiering. Default: true. */
  readonly fuse?: boolean;
}

/** The CPU backend: compiles each Program to one WebAssembly module. */
export class WasmBackend implements Backend {
  readonly name: string;
  readonly dtypes: ReadonlySet<DType> = new Set(dtypes);
  private readonly options: WasmBackendOptions;
  private opened: WasmEngine | null = null;

  constructor(options: WasmBackendOptions = {}) {
    this.name = options.name ?? "cpu";
    this.options = options;
  }

  /** @internal Opened by the first Program, so that importing the package costs nothing. */
  get engine(): WasmEngine {
    return (this.opened ??= new WasmEngine(this.options.features, this.options));
  }

  /** @internal Threads that share the work of large Kernels. */
  get numThreads(): number {
    return this.opened?.sharing?.threads ?? 1;
  }

  get memory(): DeviceMemory {
    return this.engine.heap;
  }

  allocate(dtype: DType, length: number): HostBuffer {
    return new HostBuffer(dtype, length);
  }

  adopt(dtype: DType, data: TypedArray): HostBuffer {
    return new HostBuffer(dtype === "float16" ? "float32" : dtype, data.length, data);
  }

  release(buffer: Buffer): void {
    this.engine.residency.release(hostBuffer(buffer));
  }

  write(buffer: Buffer, data: TypedArray): void {
    const target = hostBuffer(buffer);
    const expected = target.array ?? this.engine.heap.view(target.dtype, target.address, 0);
    if (expected.constructor !== data.constructor)
      throw new DTypeError(`write: ${data.constructor.name} into ${expected.constructor.name}`);
    this.engine.residency.write(target, data);
  }

  read(buffer: Buffer): TypedArray {
    return this.engine.residency.read(hostBuffer(buffer));
  }

  compile(program: Program): Executable {
    return this.options.tiering === false
      ? new CompiledProgram(this.engine, program, this.options.fuse)
      : new TieredProgram(this.engine, program);
  }

  /** As if all inputs lay in the memory; those that are small may be copied in for each run. */
  plan(program: Program): MemoryNeeds {
    const { schedule, layout, descriptorWords } = planProgram(this.engine, program, this.options.fuse ?? true);
    const { arenaBytes, own, words } = layout;
    const { nodes, inputs, outputs, scalars } = schedule.program;
    const bytesOf = (node: number): number => rounded(sizeOf(nodes[node]!.shape) * itemSize[nodes[node]!.dtype]);
    const table = 4 * (words + 2 * scalars.length + descriptorWords) + 16;
    return {
      arena: rounded(arenaBytes) + rounded(table),
      inputs: inputs.map(bytesOf),
      outputs: outputs.map(({ node }, k) => (own[k]! < 0 ? 0 : bytesOf(node))),
    };
  }
}
