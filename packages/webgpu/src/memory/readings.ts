import { mapRead, usage } from "../device/usage.js";

const smallest = 256;

/** A size that fits, from few that recur. */
const sizeFor = (bytes: number): number => Math.max(smallest, 2 ** Math.ceil(Math.log2(bytes)));

/**
 * Copies memory to the host: into a buffer that can be mapped, taken from a ring of those that are free. Any number may be
 * on their way; none holds up the GPU.
 */
export class Readings {
  private readonly device: GPUDevice;
  private readonly pending = new Set<(error: Error) => void>();
  private readonly free = new Map<number, GPUBuffer[]>();
  private lost: Error | null = null;
  /** GPUBuffers made so far. */
  created = 0;

  constructor(device: GPUDevice) {
    this.device = device;
  }

  /** Fails every read that is under way, and those to come: the device is lost. */
  rejectAll(error: Error): void {
    this.lost = error;
    for (const reject of this.pending) reject(error);
    this.pending.clear();
  }

  /**
   * Has `length` bytes (a multiple of 4) at `address` copied as they are now, and the first word of another buffer behind
   * them; gives them once they have come.
   */
  async read(memory: GPUBuffer, address: number, length: number, other: GPUBuffer | null = null): Promise<ArrayBuffer> {
    if (this.lost !== null) throw this.lost;
    const bytes = length + (other === null ? 0 : 4);
    const size = sizeFor(bytes);
    const staging = this.free.get(size)?.pop() ?? this.create(size);
    const encoder = this.device.createCommandEncoder({ label: "downhill: read" });
    encoder.copyBufferToBuffer(memory, address, staging, 0, length);
    if (other !== null) encoder.copyBufferToBuffer(other, 0, staging, length, 4);
    this.device.queue.submit([encoder.finish()]);
    await this.orLost(staging.mapAsync(mapRead, 0, bytes));
    const copy = staging.getMappedRange(0, bytes).slice(0);
    staging.unmap();
    const list = this.free.get(size);
    if (list === undefined) this.free.set(size, [staging]);
    else list.push(staging);
    return copy;
  }

  /** A promise that also fails when the device is lost, which mapping may not. */
  private orLost(mapped: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (settle: () => void): void => {
        this.pending.delete(reject);
        settle();
      };
      this.pending.add(reject);
      mapped.then(
        () => done(resolve),
        (error: unknown) => done(() => reject(error instanceof Error ? error : new Error(String(error)))),
      );
    });
  }

  private create(size: number): GPUBuffer {
    this.created++;
    return this.device.createBuffer({ label: "downhill: read", size, usage: usage.mapRead | usage.copyDst });
  }
}
