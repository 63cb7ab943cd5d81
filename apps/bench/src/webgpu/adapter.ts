import { existsSync } from "node:fs";
import { tmpdir } from "node:os";

/** Whether the machine's own GPU is used: with DOWNHILL_GPU=1. Else the software adapter, which is the same everywhere. */
export const usesGpu: boolean = process.env.DOWNHILL_GPU === "1";

/** SwiftShader, as Debian's chromium brings it. */
const driver = "/usr/lib/chromium/vk_swiftshader_icd.json";

/** What a Node process needs to find its adapter. */
export const environment = (): Record<string, string> => ({
  XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR ?? tmpdir(),
  ...(usesGpu || !existsSync(driver) ? {} : { VK_DRIVER_FILES: driver }),
});
