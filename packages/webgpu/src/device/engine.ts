import { GpuMemory } from "../memory/gpu-memory.js";
import { CommandQueue } from "./command-queue.js";
import { Pipelines } from "./pipelines.js";

/** What a WebGPU device has been asked for so far. */
export interface Counts {
  dispatches: number;
  submissions: number;
  bindGroups: number;
}

/** Everything that the Programs of one GPUDevice share. */
export class Engine {
  readonly device: GPUDevice;
  readonly commands: CommandQueue;
  readonly pipelines: Pipelines;
  readonly memory: GpuMemory;
  readonly counts: Counts = { dispatches: 0, submissions: 0, bindGroups: 0 };
  /** What went wrong since the last read, which tells of it. */
  failure: unknown = null;

  constructor(device: GPUDevice) {
    this.device = device;
    this.commands = new CommandQueue((error) => (this.failure ??= error));
    this.pipelines = new Pipelines(device);
    this.memory = new GpuMemory(device, this.commands);
  }
}
