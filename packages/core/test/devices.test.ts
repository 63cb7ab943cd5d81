import { describe, expect, it } from "vitest";
import { DeviceError, getDevice, setDefaultDevice, tensor, zeros } from "@downhill/core";
import { registerBackend, ReferenceBackend } from "@downhill/core/engine";

const other = registerBackend(new ReferenceBackend("other"));

describe("devices", () => {
  it("tensors are made on the default device, or on the one asked for", () => {
    expect(zeros([1]).device.name).toBe("cpu");
    expect(zeros([1], { device: "other" }).device).toBe(other);
    setDefaultDevice(other);
    expect(tensor([1]).device).toBe(other);
    setDefaultDevice("cpu");
  });

  it("an unknown device is an error that lists those there are", () => {
    expect(() => getDevice("tpu")).toThrow(/unknown device "tpu"\n {2}hint: known devices: .*cpu/);
    expect(() => getDevice("webgpu")).toThrow(/requestDevice/);
    expect(() => zeros([1], { device: "gpu" })).toThrow(DeviceError);
  });

  it("one op over two devices is an error that names both; to() moves", async () => {
    const here = tensor([1, 2]);
    const there = tensor([3, 4], { device: other });
    expect(() => here.add(there)).toThrow("add: tensors of two devices, cpu and other");
    expect(await here.to(other).add(there).tolist()).toEqual([4, 6]);
    expect(await here.mul(2).to("other").add(there).to("cpu").add(here).tolist()).toEqual([6, 10]);
    expect(here.to("cpu")).toBe(here);
  });

  it("a move of a tensor with gradients is an error, not a silent end of the graph", () => {
    const w = tensor([1, 2], { requiresGrad: true });
    expect(() => w.mul(2).to(other)).toThrow("to: gradients do not flow from other back to cpu");
    expect(w.detach().to(other).device).toBe(other);
  });

  it("each device has its own pending work and Programs", async () => {
    const there = tensor([3, 4], { device: other }).mul(5);
    const before = other.programs.compiled;
    await tensor([1]).add(1).data();
    expect(other.pending.length).toBeGreaterThan(0);
    expect(other.programs.compiled).toBe(before);
    expect(await there.tolist()).toEqual([15, 20]);
    expect(other.pending.length).toBe(0);
  });
});
