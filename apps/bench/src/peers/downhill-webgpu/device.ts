import { type Device, setDefaultDevice } from "@downhill/core";
import { requestDevice } from "@downhill/webgpu";

/** The GPU, which every tensor of this process or page is on. */
export const device: Device = await requestDevice();
setDefaultDevice(device);
