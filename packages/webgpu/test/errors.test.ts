import { type Device, DeviceError, MemoryError, setDefaultDevice, tensor, zeros } from "@downhill/core";
import { flush } from "@downhill/core/engine";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { spread } from "../src/kernels/dispatch.js";
import { WebGpuBackend } from "../src/webgpu-backend.js";
import { engineOf } from "./engine-of.js";
import { openGpuDevice, openSoftwareDevice } from "./open-device.js";

let device: Device;

beforeEach(async () => {
  device = await openSoftwareDevice({ debug: true });
  setDefaultDevice(device);
});

afterEach(() => setDefaultDevice("cpu"));

/** Has shaders whose text holds `part` come out wrong. */
function breakShaders(part: string): void {
  const { pipelines } = engineOf(device);
  const get = pipelines.get.bind(pipelines);
  pipelines.get = (code, label) => get(label.includes(part) ? `${code}\nconst broken: i32 = 1.5;` : code, label);
}

describe("a shader that does not compile", () => {
  it("is told of by whatever it should have computed, with its kernel and the line", async () => {
    breakShaders("exp");
    const x = tensor([1, 2, 3]);
    const good = x.mul(2);
    flush(good);
    const bad = x.exp();
    flush(bad);
    const error = (await bad.data().catch((reason: unknown) => reason)) as Error;
    expect(error).toBeInstanceOf(DeviceError);
    expect(error.message).toContain('the shader of "exp [3]" does not compile: cannot convert value of type');
    expect(error.message).toContain("const broken: i32 = 1.5;");
    // And again, also through what is computed of it; all else is right.
    await expect(bad.data()).rejects.toBe(error);
    expect(() => flush(bad.add(1))).toThrow(error);
    expect(() => flush(tensor([4, 5, 6]).exp())).toThrow(error);
    expect(Array.from(await good.data())).toEqual([2, 4, 6]);
    expect(Array.from(await x.add(1).data())).toEqual([2, 3, 4]);
  });
});

describe("what the GPU refuses", () => {
  it("is told of by the next read, with the kernel", async () => {
    const engine = engineOf(device);
    const x = tensor([1, 2, 3]);
    const y = x.sqrt();
    flush(y);
    await y.data();
    const create = engine.device.createCommandEncoder.bind(engine.device);
    engine.device.createCommandEncoder = (descriptor) => {
      const encoder = create(descriptor);
      const begin = encoder.beginComputePass.bind(encoder);
      encoder.beginComputePass = (options) => {
        const pass = begin(options);
        const run = pass.dispatchWorkgroups.bind(pass);
        pass.dispatchWorkgroups = (_, ...rest) => run(1e6, ...rest);
        return pass;
      };
      return encoder;
    };
    const z = tensor([4, 9]).sqrt();
    const error = (await z.data().catch((reason: unknown) => reason)) as Error;
    expect(error).toBeInstanceOf(DeviceError);
    expect(error.message).toContain("1000000");
    expect(error.message).toContain("sqrt [2]");
    engine.device.createCommandEncoder = create;
    expect(Array.from(await tensor([4, 9]).sqrt().data())).toEqual([2, 3]);
  });
});

describe("a GPU's limits", () => {
  it("refuse a tensor that no shader could see whole, and name the limit", async () => {
    const gpu = await openGpuDevice({});
    const small = new WebGpuBackend(gpu, "small");
    const { maxStorageBufferBindingSize } = gpu.limits;
    expect(maxStorageBufferBindingSize).toBe(128 * 2 ** 20);
    const allocate = (): unknown => small.allocate("float32", maxStorageBufferBindingSize / 4);
    expect(allocate).toThrow(MemoryError);
    expect(allocate).toThrow(/0\.1 GiB is more than .* a shader see: 0\.1 GiB\n.*maxStorageBufferBindingSize/);
    expect(small.allocate("float32", maxStorageBufferBindingSize / 8).byteLength).toBe(64 * 2 ** 20);
    gpu.destroy();
  });

  it("on workgroups per dimension are kept: every group has its number once", () => {
    for (const groups of [1, 65_535, 65_536, 100_000, 65_535 * 3 + 1, 2 ** 26 + 1]) {
      const [x, y] = spread(groups);
      expect(Math.max(x, y)).toBeLessThanOrEqual(65_535);
      expect(x * y).toBeGreaterThanOrEqual(groups);
      expect(x * y - groups).toBeLessThan(y); // numbers run from 0 to x·y − 1
    }
  });
});

describe("a device that is full", () => {
  it("says what is largest, and in debug mode the lines that made it", () => {
    device.backend.memory!.budget = 4 * 2 ** 20;
    const kept = zeros([600_000]);
    const sum = kept.add(1);
    const both = [sum.mul(2), sum];
    const error = (() => {
      try {
        flush(...both);
      } catch (reason) {
        return reason as Error;
      }
      throw new Error("it fitted");
    })();
    expect(error).toBeInstanceOf(MemoryError);
    expect(error.message).toMatch(/largest blocks are float32\[600000\] 2\.3 MiB \(made at .*errors\.test\.ts:\d+:\d+/);
  });

  it("knows the line of what was computed", async () => {
    const y = zeros([1000]).add(1);
    await y.data();
    const [largest] = device.memory().largest;
    expect(largest!.line).toMatch(/errors\.test\.ts:\d+/);
    const lines = device.memory().largest.map(({ line }) => /:(\d+):\d+/.exec(line ?? "")?.[1]);
    expect(new Set(lines).size).toBe(1);
  });
});
