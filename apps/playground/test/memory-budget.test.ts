/** Past a device's memory budget a step fails before it changes anything, and says what holds how much. */
import { afterEach, describe, expect, it } from "vitest";
import {
  compile,
  manualSeed,
  MemoryError,
  memoryStats,
  randint,
  randn,
  setMemoryBudget,
  type Tensor,
  ValueError,
} from "@downhill/core";
import { BatchNorm1d, Linear, MSELoss, ReLU, Sequential } from "@downhill/nn";
import { Adam } from "@downhill/optim";

const MiB = 2 ** 20;

afterEach(() => {
  setMemoryBudget(Infinity);
});

function training(): { step: (batch: number) => Tensor; values: () => Promise<number[][]> } {
  manualSeed(1);
  const model = new Sequential(new Linear(64, 256), new ReLU(), new Linear(256, 64));
  const optimizer = new Adam(model.parameters());
  const criterion = new MSELoss();
  const step = (batch: number): Tensor => {
    optimizer.zeroGrad();
    const loss = criterion.forward(model.forward(randn([batch, 64])), randn([batch, 64]));
    loss.backward();
    optimizer.step();
    return loss;
  };
  const values = async (): Promise<number[][]> => {
    const all: number[][] = [];
    for (const parameter of model.parameters()) all.push([...(await parameter.data())]);
    for (const state of Object.values(optimizer.stateDict().state))
      for (const value of Object.values(state)) if (typeof value === "object") all.push([...(await value.data())]);
    return all;
  };
  return { step, values };
}

describe("setMemoryBudget", () => {
  it("has a step that would pass it fail with parameters and state unchanged, and the next smaller one run", async () => {
    const { step, values } = training();
    for (let i = 0; i < 3; i++) step(16);
    const before = await values();
    expect(before.length).toBe(4 * 3);
    setMemoryBudget(memoryStats().live + 4 * MiB);
    expect(() => step(16_384)).toThrow(MemoryError);
    expect(await values()).toEqual(before);
    const loss = await step(16).item();
    expect(loss).toBeGreaterThan(0);
    expect(await values()).not.toEqual(before);
    expect(memoryStats().live).toBeLessThanOrEqual(memoryStats().budget);
  });

  it("leaves no gradient and no running statistics of a batch that is too large to a loop that clears them last", async () => {
    const train = async (sizes: readonly number[], readsFirst: boolean): Promise<unknown> => {
      setMemoryBudget(Infinity);
      manualSeed(2);
      const model = new Sequential(new Linear(64, 128), new BatchNorm1d(128), new ReLU(), new Linear(128, 8));
      const optimizer = new Adam(model.parameters(), { lr: 0.01, eps: 0.01 });
      const [x, y] = [randn([16, 64]), randn([16, 8])];
      setMemoryBudget(memoryStats().live + 4 * MiB);
      let failed = 0;
      for (const size of sizes) {
        const rows = randint(0, 16, [size]);
        try {
          const large = [x.indexSelect(0, rows), y.indexSelect(0, rows)] as const;
          const [input, target] = size === 16 ? [x, y] : large;
          const loss = new MSELoss().forward(model.forward(input), target);
          if (readsFirst) await loss.item();
          loss.backward();
          optimizer.step();
          optimizer.zeroGrad();
        } catch (error) {
          expect(error).toBeInstanceOf(MemoryError);
          failed++;
        }
      }
      expect(failed).toBe(sizes.filter((size) => size > 16).length);
      const state = Object.entries(model.stateDict()).filter(([name]) => !name.endsWith("Tracked"));
      return Promise.all(state.map(([, value]) => value.tolist()));
    };
    const spared = await train([16, 16, 16, 16], false);
    expect(await train([16, 20_000, 16, 40_000, 30_000, 16, 16], false)).toEqual(spared);
    expect(await train([20_000, 16, 16, 20_000, 16, 16, 20_000], true)).toEqual(spared);
  });

  it("holds for compiled functions too", async () => {
    const { step, values } = training();
    const compiled = compile(step);
    for (let i = 0; i < 3; i++) compiled(16);
    setMemoryBudget(memoryStats().live + 4 * MiB);
    const before = await values();
    expect(() => compiled(16_384)).toThrow(MemoryError);
    expect(await values()).toEqual(before);
    expect(await compiled(16).item()).toBeGreaterThan(0);
  });

  it("says what is needed, what holds how much, and how to raise it", () => {
    const { step } = training();
    for (let i = 0; i < 3; i++) step(16);
    setMemoryBudget(6 * MiB);
    expect(() => step(16_384)).toThrow(
      /^cpu: needs [\d.]+ MiB more, [\d.]+ [KM]iB of 6\.0 MiB are in use: parameters and optimizer state [\d.]+ [KM]iB.*\n {2}hint: .*raise the budget with setMemoryBudget\(bytes\); the largest blocks are /s,
    );
  });

  it("makes room by moving out what no Program uses, before it gives up", async () => {
    const parts = Array.from({ length: 8 }, () => randn([MiB / 4]));
    for (const part of parts) await part.add(1).sum().item();
    setMemoryBudget(memoryStats().live + MiB);
    for (let i = 0; i < 3; i++) for (const part of parts) expect(await part.mul(2).amax().item()).toBeGreaterThan(1);
    expect(memoryStats().live).toBeLessThanOrEqual(memoryStats().budget);
  });

  it("takes bytes", () => {
    for (const bytes of [-1, NaN, "1 GB" as unknown as number])
      expect(() => setMemoryBudget(bytes)).toThrow(ValueError);
    setMemoryBudget(123 * MiB);
    expect(memoryStats().budget).toBe(123 * MiB);
    setMemoryBudget(Infinity);
    expect(memoryStats("cpu").budget).toBeGreaterThan(1024 * MiB);
  });
});
