import { describeBackend } from "@downhill/core/testing";
import { describe, it } from "vitest";
import { WebGpuBackend } from "../src/webgpu-backend.js";
import { gaps } from "./gaps.js";
import { openGpuDevice } from "./open-device.js";

describeBackend("webgpu", async () => new WebGpuBackend(await openGpuDevice()), { gaps }, { describe, it });
