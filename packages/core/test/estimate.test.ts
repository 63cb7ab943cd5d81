import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  assign,
  type Device,
  ownTensor,
  ReferenceBackend,
  registerBackend,
  type Tensor,
  transaction,
} from "../src/engine.js";
import {
  compile,
  DeviceError,
  estimateMemory,
  largestBatch,
  manualSeed,
  memoryStats,
  noGrad,
  rand,
  randn,
  resetPeakMemoryStats,
  setDefaultDevice,
  tensor,
  TraceError,
  ShapeError,
  ValueError,
} from "../src/index.js";
import { WasmBackend } from "../src/wasm/backend.js";

let device: Device;

beforeAll(() => {
  device = registerBackend(new WasmBackend({ name: "estimated", tiering: false }));
  registerBackend(new ReferenceBackend("interpreted"));
  setDefaultDevice(device);
});

afterAll(() => setDefaultDevice("cpu"));

const mib = 2 ** 20;

interface Net {
  readonly step: (x: Tensor) => Tensor;
  readonly weights: readonly Tensor[];
}

/** Two layers, and descent on them in place. */
function net(): Net {
  const weights = [randn([256, 512]), randn([512, 256])].map((w) => ownTensor(w.mul(0.05)).requiresGrad_());
  const step = (x: Tensor): Tensor => {
    for (const w of weights) w.grad = null;
    const loss = x.matmul(weights[0]!).relu().matmul(weights[1]!).square().mean();
    loss.backward();
    transaction(() => noGrad(() => weights.forEach((w) => assign(w, w.sub(w.peekGrad()!.mul(0.01))))));
    return loss;
  };
  return { step, weights };
}

describe("estimateMemory", () => {
  it("is what a compiled step takes, within a tenth and never below", () => {
    for (const size of [128, 512]) {
      const { step } = net();
      const descend = compile(step);
      const estimate = estimateMemory(descend, [size, 256]);
      expect(estimateMemory(step, [size, 256]).state).toBe(estimate.state);
      const x = randn([size, 256]);
      x.toString();
      const before = memoryStats().live - memoryStats().holders.arena!;
      resetPeakMemoryStats();
      for (let i = 0; i < 2; i++) descend(x).toString();
      const taken = memoryStats().peak - before;
      expect(estimate.peak).toBeGreaterThanOrEqual(taken);
      expect(estimate.peak).toBeLessThan(1.1 * taken + mib);
    }
  });

  it("changes nothing: values, gradients, random numbers, pending work", async () => {
    const { step, weights } = net();
    step(rand([3, 256]));
    const before = await Promise.all(weights.map((w) => w.data()));
    const gradients = weights.map((w) => w.grad);
    manualSeed(5);
    const expected = await rand([4]).data();
    manualSeed(5);
    const estimate = estimateMemory((x: Tensor) => step(x.add(rand([256]))), [64, 256]);
    expect(await rand([4]).data()).toEqual(expected);
    expect(weights.map((w) => w.grad)).toEqual(gradients);
    expect(await Promise.all(weights.map((w) => w.data()))).toEqual(before);
    expect(device.pending).toEqual([]);
    expect(estimate.batch).toBe(64 * 256 * 4);
  });

  it("counts by what each part is for, and takes every part of the batch", () => {
    const frozen = rand([1000]);
    const w = ownTensor(rand([1000])).requiresGrad_();
    const step = (x: Tensor, labels: Tensor): Tensor => {
      w.grad = null;
      const loss = x.mul(w).add(frozen).sum();
      loss.backward();
      noGrad(() => assign(w, w.sub(w.peekGrad()!)));
      expect([labels.shape, labels.dtype]).toEqual([[16], "uint8"]);
      return loss;
    };
    const shapes = [[16, 1000], { shape: [16], dtype: "uint8" as const }];
    const estimate = estimateMemory(step, shapes);
    expect(estimate).toMatchObject({ batch: 64_000 + 16, data: 4032 });
    const { peak, state, batch, data, arena, results } = estimate;
    expect(state).toBe(4032);
    expect(peak).toBe(state + batch + data + arena + results);
  });

  it("keeps what the step's own code can read, unless the step is compiled", () => {
    const forward = (x: Tensor): Tensor => x.mul(2).exp().add(1).sum();
    const eager = estimateMemory(forward, [1024, 1024]);
    const compiled = estimateMemory(compile(forward), [1024, 1024]);
    expect(eager.results).toBe(3 * 4 * mib);
    expect(compiled.results).toBe(0);
  });

  it("grows with the batch and makes none: one of 10 GB too", () => {
    const { step } = net();
    const [small, large] = [2.5e5, 1e7].map((size) => estimateMemory(compile(step), [size, 256]));
    expect(large!.batch).toBe(40 * small!.batch);
    expect(large!.peak / small!.peak).toBeGreaterThan(35);
    expect(large!.state).toBe(small!.state);
  });

  it("says what it cannot plan", () => {
    const read = (x: Tensor): Promise<number> => x.sum().item();
    expect(() => estimateMemory(read, [4])).toThrow(TraceError);
    expect(() => estimateMemory((x: Tensor) => x, [4], { device: "interpreted" })).toThrow(DeviceError);
    expect(() => estimateMemory((x: Tensor) => x.mul(tensor([1], { device: "cpu" })), [4])).toThrow(DeviceError);
    expect(() => estimateMemory((x: Tensor) => x, [4.5])).toThrow(ShapeError);
    expect(() => estimateMemory((x: Tensor) => x, [[4], { size: [4] } as never])).toThrow("size");
    expect(() => estimateMemory((x: Tensor) => x, [4], { budget: 5 } as never)).toThrow("budget");
    expect(() => estimateMemory(3 as never, [4])).toThrow("function");
  });
});

describe("largestBatch", () => {
  it("fits, and one more does not", () => {
    const { step } = net();
    const compiled = compile(step);
    for (const budget of [8 * mib, 33_333_333]) {
      const size = largestBatch(compiled, [256], { budget });
      expect(estimateMemory(compiled, [size, 256]).peak).toBeLessThanOrEqual(budget);
      expect(estimateMemory(compiled, [size + 1, 256]).peak).toBeGreaterThan(budget);
    }
  });

  it("goes no further than the most, and says where not even one sample fits", () => {
    const { step } = net();
    expect(largestBatch(step, [256], { most: 100 })).toBe(100);
    expect(largestBatch(step, [256], { most: 1 })).toBe(1);
    expect(() => largestBatch(step, [256], { budget: 1000 })).toThrow(/one sample needs .* there are 1.0 KiB/);
    expect(() => largestBatch(step, [256], { most: 0 })).toThrow(ValueError);
    expect(() => largestBatch(step, [256], { budget: NaN })).toThrow(ValueError);
  });
});
