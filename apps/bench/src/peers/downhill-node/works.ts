import { globals } from "webgpu";
import type { Works } from "../../runner.ts";
import { watchDevices } from "../../webgpu/devices.ts";
import type { Classes } from "../../webgpu/traffic.ts";

const classes = globals as unknown as Classes;

/** How child.ts counts what is asked of the GPU, and waits for it. */
export const gpu: { readonly classes: Classes; finished(): Promise<void> } = {
  classes,
  finished: watchDevices(classes),
};

/** Downhill on a GPU in Node, through Dawn. It opens its device when it is imported: later than it is watched for. */
export const works: Works = (await import("../downhill-webgpu/works.ts")).works;
