import { DeviceError } from "@downhill/core";
import { defect, DeviceLostError } from "../errors.js";
import { FailureRecord } from "../memory/failure-record.js";
import { GpuMemory } from "../memory/gpu-memory.js";
import type { MemoryHost } from "../memory/memory-host.js";
import type { Profiler } from "../profile/profiler.js";
import { CommandQueue } from "./command-queue.js";
import { Pipelines } from "./pipelines.js";
import { Tuning } from "./tuning.js";

/** What a WebGPU device has been asked for so far. */
export interface Counts {
  dispatches: number;
  submissions: number;
  bindGroups: number;
}

export interface EngineOptions {
  readonly memoryBudget?: number | undefined;
  readonly debug?: boolean | undefined;
}

/** How many turns a loop may run ahead of the GPU. */
const mostTurns = 4;

/** Everything that the Programs of one GPUDevice share. */
export class Engine implements MemoryHost {
  readonly device: GPUDevice;
  readonly debug: boolean;
  readonly commands: CommandQueue;
  readonly pipelines: Pipelines;
  readonly failures: FailureRecord;
  readonly memory: GpuMemory;
  readonly tuning: Tuning;
  readonly counts: Counts = { dispatches: 0, submissions: 0, bindGroups: 0 };
  /** Times each dispatch while there is one. */
  profiler: Profiler | null = null;
  /** What went wrong and has not been told yet: the next read does. */
  private failure: Error | null = null;
  /** Turns of loops that the GPU has not finished. */
  private readonly turns = new Set<Promise<void>>();
  private lostError: DeviceLostError | null = null;

  constructor(device: GPUDevice, { memoryBudget, debug = false }: EngineOptions = {}) {
    this.device = device;
    this.debug = debug;
    this.commands = new CommandQueue((error) => this.fail(error));
    this.pipelines = new Pipelines(device);
    this.tuning = new Tuning(isSoftware(device));
    this.failures = new FailureRecord(device, this.commands);
    this.memory = new GpuMemory(this, memoryBudget);
    device.onuncapturederror = ({ error }) => this.fail(error);
    void device.lost.then(({ reason, message }) => {
      const why = reason === "destroyed" ? "it was destroyed" : message || "its host gives no reason";
      this.lostError = new DeviceLostError(
        `webgpu: the device is lost: ${why}`,
        "open another with requestDevice(), and go on from a checkpoint or a Mirror",
      );
      this.memory.readings.rejectAll(this.lostError);
    });
  }

  /** Throws where the device is lost. */
  checkAlive(): void {
    if (this.lostError !== null) throw this.lostError;
  }

  /** What a loop waits for before its next turn, when the GPU is more than a few turns behind. */
  ready(): Promise<void> | undefined {
    const { turns } = this;
    if (this.lostError !== null) return undefined;
    // Behind what waits for pipelines: as long as nothing is submitted, no work is to be done either.
    const turn = new Promise<void>((resolve) => {
      this.commands.push(() => void this.device.queue.onSubmittedWorkDone().then(resolve, () => resolve()));
    }).then(() => void turns.delete(turn));
    turns.add(turn);
    return turns.size > mostTurns ? turns.values().next().value : undefined;
  }

  private fail(error: unknown): void {
    const { message } = error as { message?: string };
    const more = this.debug ? "" : "; requestDevice({ debug: true }) has it name the kernel";
    this.failure ??=
      error instanceof DeviceError ? error : new DeviceError(`webgpu: ${message ?? String(error)}`, defect + more);
  }

  tell(error: Error): void {
    this.failure ??= error;
  }

  heard(error: unknown): void {
    if (this.failure === error) this.failure = null;
  }

  /** What a read must tell instead of its value. */
  takeFailure(): Error | null {
    const failure: Error | null = this.lostError ?? this.failure;
    this.failure = null;
    return failure;
  }
}

/** Whether a processor stands in for the GPU: it has no fast workgroup memory, and waits long at barriers. */
function isSoftware(device: GPUDevice): boolean {
  const { adapterInfo } = device as { adapterInfo?: GPUAdapterInfo };
  return adapterInfo !== undefined && (adapterInfo.isFallbackAdapter || adapterInfo.architecture === "swiftshader");
}
