import {
  type Device,
  manualSeed,
  MemoryError,
  rand,
  randn,
  setDefaultDevice,
  type Tensor,
  tensor,
} from "@downhill/core";
import { flush } from "@downhill/core/engine";
import { DataLoader, TensorDataset } from "@downhill/data";
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

const kib = 1024;
const mib = kib * kib;

/** The most bytes that have been in use, in each half of a run of so many steps. */
class Watch {
  readonly most: [number, number] = [0, 0];
  private step = 0;

  constructor(private readonly steps: number) {}

  look(): void {
    const half = 2 * this.step++ < this.steps ? 0 : 1;
    this.most[half] = Math.max(this.most[half], engineOf(device).memory.heap.used);
  }
}

describe("10,000 steps", () => {
  const steps = 10_000;

  it("of the documented loop hold the GPU's memory flat", { timeout: 300_000 }, async () => {
    const X = rand([100, 1]).mul(10);
    const y = X.mul(2).add(3);
    const model = new Linear(1, 1);
    const criterion = new MSELoss();
    const optimizer = new SGD(model.parameters(), { lr: 0.01 });
    const loader = new DataLoader(new TensorDataset(X, y), { batchSize: 10, shuffle: true });
    const watch = new Watch(steps);
    let loss: Tensor | null = null;
    for (let epoch = 0; epoch < steps / 10; epoch++) {
      for await (const [batchX, batchY] of loader) {
        optimizer.zeroGrad();
        loss = criterion.forward(model.forward(batchX), batchY);
        loss.backward();
        optimizer.step();
        watch.look();
      }
    }
    expect(await loss!.item()).toBeLessThan(1e-3);
    // Its batches, losses and outputs are 40,000 blocks of 256 bytes; the memory has never grown.
    expect(Math.max(...watch.most)).toBeLessThan(8 * mib);
    const { created } = engineOf(device).memory.heap;
    expect(created).toBe(1);
    expect(device.memory()).toMatchObject({ moved: 0 });
  });

  it("that keep every layer's output in variables do too", { timeout: 300_000 }, async () => {
    const layers = Array.from({ length: 2 }, () => rand([1024]).requiresGrad_());
    const optimizer = new SGD(layers, { lr: 1e-6 });
    const loader = new DataLoader(new TensorDataset(randn([8, 1024])), { batchSize: 4 });
    const watch = new Watch(steps);
    for (let epoch = 0; epoch < steps / 2; epoch++) {
      for await (const [x] of loader) {
        optimizer.zeroGrad();
        const first = x.mul(layers[0]!);
        const second = first.mul(layers[1]!);
        const loss = second.sum();
        loss.backward();
        optimizer.step();
        watch.look();
      }
    }
    // Half a GiB has been made.
    expect(Math.max(...watch.most)).toBeLessThan(80 * mib);
    expect(device.memory().live + device.memory().pooled).toBeLessThanOrEqual(128 * mib);
  });
});

describe("values that have moved to the host", () => {
  const size = 32 * kib; // elements: 128 KiB
  const values = (i: number): Float32Array => Float32Array.from({ length: size }, (_, k) => i * 1000 + (k % 97));

  it("are right when they are read or used again, and none is lost", async () => {
    device.backend.memory!.budget = 2 * mib;
    const parts = Array.from({ length: 60 }, (_, i) => tensor(values(i)));
    expect(device.memory().moved).toBeGreaterThan(5 * mib);
    const doubled = parts.map((part) => {
      const result = part.mul(2);
      flush(result);
      return result;
    });
    for (const i of [0, 30, 59, 1]) {
      expect(await parts[i]!.data()).toEqual(values(i));
      expect(await doubled[i]!.data()).toEqual(values(i).map((x) => 2 * x));
      expect(await parts[i]!.add(doubled[i]!).data()).toEqual(values(i).map((x) => 3 * x));
    }
    const { live, moved, peak, budget } = device.memory();
    expect(live).toBeLessThanOrEqual(budget);
    expect(peak).toBeLessThanOrEqual(budget);
    expect(live + moved).toBeGreaterThanOrEqual(120 * 4 * size);
  });

  it("may be variables: updates go on where they were", async () => {
    const layers = Array.from({ length: 10 }, (_, i) => tensor(values(i)).requiresGrad_());
    const optimizers = layers.map((layer) => new SGD([layer], { lr: 1 }));
    const step = (i: number): void => {
      optimizers[i]!.zeroGrad();
      layers[i]!.sum().backward(); // each element falls by 1
      optimizers[i]!.step();
    };
    step(0);
    device.backend.memory!.budget = 1 * mib;
    for (let turn = 0; turn < 3; turn++) for (let i = 0; i < 10; i++) step(i);
    for (const i of [0, 5, 9]) expect(await layers[i]!.data()).toEqual(values(i).map((x) => x - (i === 0 ? 4 : 3)));
    expect(device.memory().peak).toBeLessThanOrEqual(Math.max(device.memory().budget, 3 * mib));
  });

  it("are never those that the run being prepared uses", async () => {
    const [a, b] = [tensor(values(1)), tensor(values(2))];
    const second = values(2);
    const both = values(1).map((x, k) => x + second[k]!);
    const others = Array.from({ length: 20 }, (_, i) => tensor(values(i)));
    await others[0]!.data();
    // Room for the two and their sum, and for nothing else.
    device.backend.memory!.budget = 3 * 4 * size;
    for (let turn = 0; turn < 3; turn++) {
      const sum = a.add(b);
      expect(await sum.data()).toEqual(both);
      sum.dispose();
      expect(await others[turn]!.mul(1).data()).toEqual(values(turn));
    }
    // One byte less: refused, and all is as it was.
    device.backend.memory!.budget = 3 * 4 * size - 1;
    expect(() => flush(a.add(b))).toThrow(MemoryError);
    expect(await a.data()).toEqual(values(1));
    device.backend.memory!.budget = Infinity;
    expect(await a.add(b).data()).toEqual(both);
    expect(await others[7]!.data()).toEqual(values(7));
  });
});

describe("dispose and using", () => {
  it("give memory back at once, wherever it lies", async () => {
    const before = device.memory().live;
    const x = tensor(new Float32Array(mib));
    expect(device.memory().live).toBe(before + 4 * mib);
    x.dispose();
    expect(device.memory().live).toBe(before);
    {
      using y = tensor(new Float32Array(mib));
      using z = y.add(1);
      expect((await z.at(5).item()) + y.numel()).toBe(mib + 1);
      expect(device.memory().live).toBeGreaterThanOrEqual(before + 8 * mib);
    }
    expect(device.memory().live).toBeLessThan(before + mib);
    const away = tensor(new Float32Array(mib));
    device.backend.memory!.budget = 5 * mib;
    const other = tensor(new Float32Array(mib));
    expect(device.memory().moved).toBeGreaterThanOrEqual(4 * mib);
    away.dispose();
    expect(device.memory().moved).toBeLessThan(kib);
    await expect(away.data()).rejects.toThrow("dispose()");
    expect(other.numel()).toBe(mib);
  });
});
