import type { Device } from "@downhill/core";

/** What `await optimizer.step()` waits for: room in the queue of the device that the step ran on. Asked only when awaited. */
export class Room implements PromiseLike<void> {
  private readonly device: Device;

  private constructor(device: Device) {
    this.device = device;
  }

  private static readonly of = new WeakMap<Device, Room>();

  /** Undefined for a device that has always room. */
  static on(device: Device): Room | undefined {
    if (device.backend.ready === undefined) return undefined;
    let room = Room.of.get(device);
    if (room === undefined) Room.of.set(device, (room = new Room(device)));
    return room;
  }

  then<A = void, B = never>(
    resolve?: ((value: void) => A | PromiseLike<A>) | null,
    reject?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return Promise.resolve(this.device.backend.ready?.()).then(resolve, reject);
  }
}
