import { DeviceError } from "@downhill/core";
import { DeviceLostError } from "../errors.js";
import { FailureRecord } from "../memory/failure-record.js";
import { GpuMemory } from "../memory/gpu-memory.js";
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

/** How many turns a loop may run ahead of the GPU. */
const mostTurns = 4;

/** Everything that the Programs of one GPUDevice share. */
export class Engine {
  readonly device: GPUDevice;
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

  constructor(device: GPUDevice, memoryBudget?: number) {
    this.device = device;
    this.commands = new CommandQueue((error) => this.fail(error));
    this.pipelines = new Pipelines(device);
    this.tuning = new Tuning(isSoftware(device));
    this.failures = new FailureRecord(device, this.commands);
    this.memory = new GpuMemory(device, this.commands, this.failures, () => this.takeFailure(), memoryBudget);
    device.onuncapturederror = ({ error }) => this.fail(error);
    void device.lost.then(({ reason, message }) => {
      this.lostError = new DeviceLostError(
        `webgpu: the device is lost (${reason === "destroyed" ? "destroyed" : message || "no reason given"})`,
        "open another with requestDevice() and go on from a checkpoint",
      );
      this.memory.readings.rejectAll(this.lostError);
    });
  }

  /** The error of a device that is gone; null while it is there. */
  get lost(): DeviceLostError | null {
    return this.lostError;
  }

  /** What a loop waits for before its next turn, when the GPU is more than a few turns behind. */
  ready(): Promise<void> | undefined {
    const { turns } = this;
    const turn = this.device.queue.onSubmittedWorkDone().then(
      () => void turns.delete(turn),
      () => void turns.delete(turn),
    );
    turns.add(turn);
    return turns.size > mostTurns ? turns.values().next().value : undefined;
  }

  private fail(error: unknown): void {
    const { message } = error as { message?: string };
    const text = message ?? String(error);
    this.failure ??= new DeviceError(`webgpu: ${text}`, "this is a defect of @downhill/webgpu, or of the GPU's driver");
  }

  /** What a read must tell instead of its value. */
  private takeFailure(): Error | null {
    const failure = this.lostError ?? this.failure;
    this.failure = null;
    return failure;
  }
}

/** Whether a processor stands in for the GPU: it has no fast workgroup memory, and waits long at barriers. */
function isSoftware(device: GPUDevice): boolean {
  const { adapterInfo } = device as { adapterInfo?: GPUAdapterInfo };
  return adapterInfo !== undefined && (adapterInfo.isFallbackAdapter || adapterInfo.architecture === "swiftshader");
}
