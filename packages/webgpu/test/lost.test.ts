import { type Device, manualSeed, rand, randn, setDefaultDevice, type Tensor, tensor, zeros } from "@downhill/core";
import { flush } from "@downhill/core/engine";
import { Mirror } from "@downhill/core/files";
import { DataLoader, TensorDataset } from "@downhill/data";
import { Linear, MSELoss, ReLU, Sequential } from "@downhill/nn";
import { Adam } from "@downhill/optim";
import { DeviceLostError } from "@downhill/webgpu";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { engineOf } from "./engine-of.js";
import { openSoftwareDevice } from "./open-device.js";

let device: Device;

const open = async (): Promise<void> => {
  device = await openSoftwareDevice();
  setDefaultDevice(device);
};

beforeEach(open);
afterEach(() => setDefaultDevice("cpu"));

const lose = (): void => engineOf(device).device.destroy();

const reasonOf = (promise: Promise<unknown>): Promise<unknown> => promise.catch((reason: unknown) => reason);

describe("a device that is lost", () => {
  it("fails every read under way, and tells the way out", async () => {
    const x = tensor([1, 2, 3]);
    await x.data();
    const y = x.exp(); // whose pipeline still compiles
    const reads = [x.data(), y.data(), x.add(1).data(), y.sum().item()];
    lose();
    for (const error of await Promise.all(reads.map(reasonOf))) {
      expect(error).toBeInstanceOf(DeviceLostError);
      expect((error as Error).message).toMatch(/the device is lost: it was destroyed\n.*requestDevice\(\).*checkpoint/);
    }
  });

  it("fails all that is asked of it later", async () => {
    const x = tensor([1, 2, 3]);
    const y = x.mul(2);
    flush(y);
    lose();
    await engineOf(device).device.lost;
    await expect(x.data()).rejects.toThrow(DeviceLostError);
    expect(() => flush(y.add(1))).toThrow(DeviceLostError);
    expect(() => zeros([3])).toThrow(DeviceLostError);
    expect(() => tensor([1])).toThrow(DeviceLostError);
    expect(device.backend.ready?.()).toBeUndefined();
    expect(device.memory().live).toBeGreaterThan(0);
    // Another is not concerned.
    await open();
    expect(Array.from(await tensor([1, 2]).mul(3).data())).toEqual([3, 6]);
  });
});

const epochs = 3;

/** A run: its parts on the default device, as they are at the start. */
function start() {
  manualSeed(7);
  const [X, y] = [rand([50, 4]), randn([50, 1])];
  const model = new Sequential(new Linear(4, 8), new ReLU(), new Linear(8, 1));
  const optimizer = new Adam(model.parameters(), { lr: 0.02 });
  const loader = new DataLoader(new TensorDataset(X, y), { batchSize: 10, shuffle: true });
  return { model, optimizer, loader };
}

/** Trains to the end, through any loss of the device: it is lost once after each number of steps named. */
async function train(lostAfter: readonly number[], every: number): Promise<{ losses: number[]; repeated: number }> {
  const criterion = new MSELoss();
  const mirror = new Mirror({ every });
  const due = new Set(lostAfter);
  const losses: number[] = [];
  let done = 0;
  for (;;) {
    const parts = start();
    const { model, optimizer, loader } = parts;
    let at = { epoch: 0, step: 0 };
    if (mirror.copied > 0) at = (await mirror.restore(parts)) as typeof at;
    try {
      for (let { epoch, step } = at; epoch < epochs; epoch++) {
        for await (const [x, y] of loader) {
          optimizer.zeroGrad();
          const loss = criterion.forward(model.forward(x), y);
          loss.backward();
          optimizer.step();
          const value = loss.item();
          if (due.delete(++done)) lose();
          losses[step++] = await value;
          mirror.step({ ...parts, epoch, step });
        }
      }
      return { losses, repeated: done - losses.length };
    } catch (error) {
      if (!(error instanceof DeviceLostError)) throw error;
      await open();
    }
  }
}

describe("a run that is mirrored", () => {
  it("ends with the losses of one that was never interrupted", { timeout: 120_000 }, async () => {
    const whole = await train([], 3);
    expect(whole).toMatchObject({ repeated: 0 });
    expect(whole.losses.length).toBe(epochs * 5);
    // Before the first copy, in the midst of the first and of the second epoch, and at its end.
    const broken = await train([2, 9, 12, 18], 3);
    expect(broken.losses).toEqual(whole.losses);
    expect(broken.repeated).toBeGreaterThan(4);
    expect(broken.repeated).toBeLessThanOrEqual(2 + 3 * 6); // a copy under way is lost too;
  });
});

describe("Mirror", () => {
  it("copies every so many steps, as things are then, while steps go on", async () => {
    const w = tensor([1, 2]);
    const part = {
      stateDict: () => ({ w: w.detach() }),
      loadStateDict: ({ w: saved }: { w: Tensor }) => (read = saved),
    };
    let read: Tensor | null = null;
    const mirror = new Mirror({ every: 2 });
    await expect(mirror.restore({ part })).rejects.toThrow("no step has been copied yet");
    for (let step = 1; step <= 5; step++) {
      w.add_(1);
      mirror.step({ part, step });
      while (step === 3 && mirror.copied < 2) await w.data();
    }
    expect(await mirror.restore({ part })).toEqual({ step: 4 });
    expect(mirror.copied).toBe(4);
    expect(Array.from(await read!.data())).toEqual([5, 6]);
  });

  it("tells of what it cannot copy", async () => {
    const mirror = new Mirror();
    mirror.step({ part: () => 3 });
    await Promise.resolve();
    await expect(mirror.restore({})).rejects.toThrow("no step has been copied yet");
    expect(() => mirror.step({})).toThrow(/part/);
    expect(() => new Mirror({ every: 0 })).toThrow("every");
  });
});
