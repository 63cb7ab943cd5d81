import { getDevice, ones, type TypedArray } from "@downhill/core";
import { type Buffer, registerBackend, ReferenceBackend } from "@downhill/core/engine";
import { beforeEach, describe, expect, it } from "vitest";
import { DataLoader, type DataLoaderOptions, type Dataset, IterableDataset } from "../src/index.js";

/** What happens, in order. */
let log: string[] = [];
beforeEach(() => {
  log = [];
});

/** A device that is read later, as a GPU is, and says what reaches it. */
class LaterBackend extends ReferenceBackend {
  override readonly name: string = "later";
  override write(buffer: Buffer, data: TypedArray): void {
    log.push(`upload ${data[0]!}`);
    super.write(buffer, data);
  }
  override read(buffer: Buffer): TypedArray {
    return new Promise((resolve) => setTimeout(resolve, 5)).then(() => super.read(buffer)) as unknown as TypedArray;
  }
}
registerBackend(new LaterBackend());

const rows: Dataset<Float32Array> = {
  length: 4,
  get: (i) => {
    log.push(`load ${i}`);
    return Float32Array.of(i);
  },
};

describe("onto a device", () => {
  it("the next batch is loaded and uploaded while the step on this one is waited for", async () => {
    const loader = new DataLoader(rows, { batchSize: 1, device: "later" });
    const twos = ones([1]).mul(2);
    const weights = twos.to(getDevice("later"));
    log = [];
    for await (const batch of loader) {
      log.push("step");
      log.push(`loss ${await batch.mul(weights).sum().item()}`);
    }
    expect(log).toEqual([
      ...["load 0", "upload 0", "step", "load 1", "upload 1", "loss 0"],
      ...["step", "load 2", "upload 2", "loss 2"],
      ...["step", "load 3", "upload 3", "loss 4"],
      ...["step", "loss 6"],
    ]);
  });

  it("a loop that waits for nothing gets each batch when it asks for it, none later", async () => {
    for await (const batch of new DataLoader(rows, { batchSize: 1, device: "later" })) log.push(batch.device.name);
    expect(log.filter((line) => line !== "later")).toEqual([0, 1, 2, 3].flatMap((i) => [`load ${i}`, `upload ${i}`]));
    expect(log.filter((line) => line === "later").length).toBe(4);
  });

  it("a plain for gets them there too", () => {
    const devices: string[] = [];
    for (const batch of new DataLoader(rows, { batchSize: 2, device: "later" })) devices.push(batch.device.name);
    expect(devices).toEqual(["later", "later"]);
  });

  it("wherever tensors are within a batch", async () => {
    const dataset: Dataset<{ x: [Float32Array]; name: string }> = {
      length: 2,
      get: (i) => ({ x: [Float32Array.of(i)], name: "a" }),
    };
    for await (const { x, name } of new DataLoader(dataset, { device: "later" })) {
      expect([x[0].device.name, name]).toEqual(["later", ["a"]]);
    }
  });
});

describe("ahead in this thread", () => {
  const slow = (most: { now: number; peak: number }): Dataset<number> => ({
    length: 8,
    get: async (i) => {
      most.peak = Math.max(most.peak, ++most.now);
      await new Promise((resolve) => setTimeout(resolve, 5));
      most.now--;
      return i;
    },
  });

  it.each<[Partial<DataLoaderOptions<number>>, number]>([
    [{}, 1],
    [{ prefetchFactor: 1 }, 1],
    [{ prefetchFactor: 3 }, 3],
  ])("%j: as many batches are on their way", async (options, peak) => {
    const most = { now: 0, peak: 0 };
    const seen: unknown[] = [];
    for await (const batch of new DataLoader(slow(most), { ...options, batchSize: 1 })) {
      seen.push(await batch.tolist());
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((i) => [i]));
    expect(most.peak).toBe(peak);
  });

  it("an IterableDataset's too, and what it throws comes after what came before it", async () => {
    const dataset = new IterableDataset(async function* () {
      yield 1;
      yield 2;
      throw new Error("the third");
    });
    const seen: unknown[] = [];
    const loop = async (): Promise<void> => {
      for await (const x of new DataLoader(dataset, { batchSize: null, prefetchFactor: 4 })) seen.push(x);
    };
    await expect(loop()).rejects.toThrow("the third");
    expect(seen).toEqual([1, 2]);
  });

  it("leaving early ends the source", async () => {
    let ended = false;
    const dataset = new IterableDataset(function* () {
      try {
        for (let i = 0; ; i++) yield i;
      } finally {
        ended = true;
      }
    });
    for await (const x of new DataLoader(dataset, { batchSize: null, prefetchFactor: 2 })) if (x === 3) break;
    expect(ended).toBe(true);
  });
});
