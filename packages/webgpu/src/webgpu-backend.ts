import type { DType, TypedArray } from "@downhill/core";
import type { Backend, Buffer, DeviceMemory, Executable, MemoryNeeds, Program } from "@downhill/core/engine";
import { Engine, type EngineOptions } from "./device/engine.js";
import { gpuBuffer, type GpuBuffer } from "./memory/gpu-buffer.js";
import { CompiledProgram } from "./program/compiled-program.js";
import { needsOf, planProgram } from "./program/program-plan.js";

/** The Backend of a GPUDevice: Programs become compute shaders, and a step one submission. */
export class WebGpuBackend implements Backend {
  readonly name: string;
  readonly dtypes: ReadonlySet<DType> = new Set<DType>(["float32", "float16", "int32", "uint8", "bool"]);
  readonly engine: Engine;

  constructor(device: GPUDevice, name = "webgpu", options: EngineOptions = {}) {
    this.name = name;
    this.engine = new Engine(device, options);
  }

  allocate(dtype: DType, length: number): GpuBuffer {
    const buffer = this.engine.memory.make(dtype, length);
    this.engine.memory.clear(buffer);
    return buffer;
  }

  release(buffer: Buffer): void {
    this.engine.memory.release(gpuBuffer(buffer));
  }

  write(buffer: Buffer, data: TypedArray): void {
    this.engine.memory.write(gpuBuffer(buffer), data);
  }

  read(buffer: Buffer): Promise<TypedArray> {
    return this.engine.memory.read(gpuBuffer(buffer));
  }

  get memory(): DeviceMemory {
    return this.engine.memory;
  }

  /** More runs than a few are queued: a loop waits for the GPU here, and gives the event loop a turn. */
  ready(): Promise<void> | undefined {
    return this.engine.ready();
  }

  compile(program: Program): Executable {
    return new CompiledProgram(this.engine, program);
  }

  plan(program: Program): MemoryNeeds {
    return needsOf(planProgram(this.engine, program));
  }
}
