import type { Classes } from "./traffic.ts";

interface Device {
  readonly queue: { onSubmittedWorkDone(): Promise<unknown> };
  addEventListener?(name: "uncapturederror", listener: (event: { error: { message: string } }) => void): void;
}

type Request = (this: object, ...args: unknown[]) => Promise<Device>;

/**
 * Gives a function that waits until every device opened from now on, by whomever, has done its work; it throws if one had
 * an error, since what is refused takes no time.
 */
export function watchDevices(classes: Classes): () => Promise<void> {
  const devices: Device[] = [];
  let failure: string | undefined;
  const prototype = classes.GPUAdapter?.prototype as { requestDevice: Request } | undefined;
  if (prototype === undefined) throw new Error("there is no WebGPU here");
  const { requestDevice } = prototype;
  prototype.requestDevice = async function (...args) {
    const device = await requestDevice.apply(this, args);
    devices.push(device);
    device.addEventListener?.("uncapturederror", ({ error }) => (failure ??= error.message));
    return device;
  };
  return async () => {
    await Promise.all(devices.map(({ queue }) => queue.onSubmittedWorkDone()));
    if (failure !== undefined) throw new Error(failure);
  };
}
