import { describeBackend } from "@downhill/core/testing";
import { describe, expect, it } from "vitest";
import { WebGpuBackend } from "../src/webgpu-backend.js";
import { gaps } from "./gaps.js";
import { openGpuDevice } from "./open-device.js";

/** What the compiler has said of the shaders: warnings too. */
const said: Promise<readonly string[]>[] = [];

async function open(): Promise<WebGpuBackend> {
  const device = await openGpuDevice();
  const create = device.createShaderModule.bind(device);
  device.createShaderModule = (descriptor) => {
    const module = create(descriptor);
    said.push(
      module.getCompilationInfo().then(({ messages }) =>
        messages.map(({ message, lineNum }) => {
          const line = descriptor.code.split("\n")[lineNum - 1] ?? "";
          return `${descriptor.label}: ${message}: ${line}`;
        }),
      ),
    );
    return module;
  };
  return new WebGpuBackend(device);
}

describeBackend("webgpu", open, { gaps }, { describe, it });

describe("the compiler of the shaders of all of these", () => {
  it("has nothing to say", async () => {
    expect((await Promise.all(said)).flat().slice(0, 20)).toEqual([]);
  });
});
