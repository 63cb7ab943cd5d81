import { type Device, manualSeed, MemoryError, randn, setDefaultDevice, type Tensor, tensor } from "@downhill/core";
import { Linear, MSELoss } from "@downhill/nn";
import { SGD } from "@downhill/optim";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { engineOf } from "./engine-of.js";
import { openSoftwareDevice } from "./open-device.js";

let device: Device;

beforeEach(async () => {
  device = await openSoftwareDevice();
  setDefaultDevice(device);
  manualSeed(0);
});

afterEach(() => setDefaultDevice("cpu"));

const mib = 2 ** 20;

/** Has the GPU refuse every memory of more than so many bytes, as one does that has no more: it makes a buffer of no use. */
function refuseAbove(bytes: number): { refused: number } {
  const { device: gpu } = engineOf(device);
  const seen = { refused: 0 };
  let isRefused = false;
  const create = gpu.createBuffer.bind(gpu);
  gpu.createBuffer = (descriptor) => {
    if (descriptor.label !== "downhill: memory" || descriptor.size <= bytes) return create(descriptor);
    seen.refused++;
    isRefused = true;
    const stunted = create({ ...descriptor, size: 256 });
    Object.defineProperty(stunted, "size", { value: descriptor.size });
    return stunted;
  };
  const pop = gpu.popErrorScope.bind(gpu);
  gpu.popErrorScope = async () => {
    const wasRefused = isRefused;
    isRefused = false;
    const error = await pop();
    return wasRefused ? { message: "not enough memory left" } : error;
  };
  return seen;
}

describe("a GPU that has no memory to grow into", { timeout: 300_000 }, () => {
  it("is told of by the next read, and a step that fits goes on from the same parameters", async () => {
    const model = new Linear(256, 8);
    const criterion = new MSELoss();
    const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
    const step = (rows: number): Promise<number> => {
      const X = randn([rows, 256]);
      optimizer.zeroGrad();
      const loss = criterion.forward(model.forward(X), X.narrow(1, 0, 8));
      loss.backward();
      optimizer.step();
      return loss.item();
    };
    await step(64);
    const before = await model.weight.data();
    const { live } = device.memory();
    const seen = refuseAbove(16 * mib);
    await expect(step(2 ** 15)).rejects.toThrow(MemoryError); // its rows alone are 32 MiB
    expect(seen.refused).toBeGreaterThan(0);
    expect(await model.weight.data()).toEqual(before);
    expect(engineOf(device).memory.heap.size).toBe(16 * mib);
    // A smaller one is done; one as large is refused at once now.
    expect(await step(64)).toBeGreaterThan(0);
    expect(await model.weight.data()).not.toEqual(before);
    expect(() => step(2 ** 16)).toThrow(MemoryError);
    expect(device.memory().live).toBeLessThan(live + 4 * mib);
  });

  it("loses nothing that came from the host, nor what stood before", async () => {
    const values = (i: number): Float32Array => Float32Array.from({ length: mib }, (_, k) => i * 100 + (k % 89));
    const first = tensor(values(0));
    await first.data();
    refuseAbove(16 * mib);
    // 4 MiB each: the fourth no longer fits.
    const others = Array.from({ length: 6 }, (_, i) => tensor(values(i + 1)));
    await expect(first.data()).rejects.toThrow(MemoryError);
    const differing = async (x: Tensor, expected: Float32Array): Promise<number> =>
      (await x.data()).findIndex((value, k) => value !== expected[k]);
    expect(await differing(first, values(0))).toBe(-1);
    for (const [i, other] of others.entries()) expect(await differing(other, values(i + 1))).toBe(-1);
    // They take turns in what memory there is.
    for (const i of [5, 0, 4]) {
      const more = values(i + 1).map((x) => x + 1);
      expect(await differing(others[i]!.add(1), more)).toBe(-1);
    }
  });

  it("refuses what was to be computed there, in every reader", async () => {
    const x = tensor(new Float32Array(mib).fill(3));
    await x.data();
    refuseAbove(16 * mib);
    const large = x.expand(8, mib).add(1);
    const sum = large.sum();
    await expect(sum.item()).rejects.toThrow(MemoryError);
    await expect(large.data()).rejects.toThrow(MemoryError);
    expect(await x.at(7).item()).toBe(3);
  });
});
