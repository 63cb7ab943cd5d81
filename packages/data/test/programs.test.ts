import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { defaultDevice, manualSeed, noGrad, rand, randn, setDefaultDevice, tensor, type Tensor } from "@downhill/core";
import {
  assign,
  enter,
  flush,
  leave,
  ReferenceBackend,
  registerBackend,
  seamLimits,
  withGrad,
} from "@downhill/core/engine";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DataLoader, type Dataset, TensorDataset } from "../src/index.js";

/** Programs compiled while `run` runs. */
async function compiled(run: () => void | Promise<void>): Promise<number> {
  const { programs } = defaultDevice();
  const before = programs.compiled;
  await run();
  return programs.compiled - before;
}

/** A line fitted by hand: the model, the loss and the step of the lesson. */
class Line {
  readonly w: Tensor = tensor([[0]], { requiresGrad: true });
  readonly b: Tensor = tensor([0], { requiresGrad: true });

  step(x: Tensor, y: Tensor, rate = 0.01): void {
    x.matmul(this.w).add(this.b).sub(y).square().mean().backward();
    const outer = enter();
    try {
      withGrad(false, () => {
        for (const param of [this.w, this.b]) assign(param, param.sub(param.grad!.mul(rate)));
      });
    } finally {
      leave(outer);
    }
    flush(this.w, this.b);
    for (const param of [this.w, this.b]) param.zeroGrad();
  }
}

let X: Tensor;
let y: Tensor;
beforeEach(() => {
  manualSeed(0);
  X = rand([100, 1]).mul(10);
  y = X.mul(2)
    .add(3)
    .add(randn([100, 1]));
  defaultDevice().programs.clear();
});

describe("a training loop over a loader", () => {
  test("compiles one Program for all batches of all epochs, shuffled or not, in for and in for await", async () => {
    const dataset = new TensorDataset(X, y);
    const line = new Line();
    const epochs = async (): Promise<void> => {
      for (const shuffle of [true, false]) {
        const loader = new DataLoader(dataset, { batchSize: 10, shuffle });
        for (let epoch = 0; epoch < 3; epoch++) {
          for await (const [batchX, batchY] of loader) line.step(batchX, batchY, 0.01 / (1 + epoch));
          for (const [batchX, batchY] of loader) line.step(batchX, batchY);
        }
      }
    };
    expect(await compiled(epochs)).toBe(1);
    expect(await compiled(epochs)).toBe(0);
    expect(await line.w.item()).toBeCloseTo(2, 0);
  });

  test("compiles two where the last batch is short, one with dropLast", async () => {
    const dataset = new TensorDataset(X, y);
    const epochs = (dropLast: boolean) => (): void => {
      const line = new Line();
      const loader = new DataLoader(dataset, { batchSize: 30, shuffle: true, dropLast });
      for (let epoch = 0; epoch < 3; epoch++) for (const [batchX, batchY] of loader) line.step(batchX, batchY);
    };
    expect(await compiled(epochs(true))).toBe(1);
    expect(await compiled(epochs(false))).toBe(1); // that of the short batch
    expect(await compiled(epochs(false))).toBe(0);
  });

  test("gathers the batch inside the Program of the step", async () => {
    const line = new Line();
    const loader = new DataLoader(new TensorDataset(X, y), { batchSize: 10, shuffle: true });
    expect(await compiled(() => { for (const [batchX, batchY] of loader) line.step(batchX, batchY); })).toBe(1); // prettier-ignore
    const program = defaultDevice().programs.programs().at(-1)!;
    const gathers = program.nodes.filter((node) => node.op === "gather");
    expect(gathers.map((node) => node.shape)).toEqual([[10, 1], [10, 1]]); // prettier-ignore
    // Nothing is put together of samples; the data and the indices are inputs.
    expect(program.nodes.some((node) => node.op === "cat")).toBe(false);
    const shapes = program.inputs.map((place) => program.nodes[place]!.shape.join("x"));
    expect(shapes.filter((shape) => shape === "100x1")).toHaveLength(2);
    expect(shapes.filter((shape) => shape === "10")).toHaveLength(1);
  });

  test("compiles one Program for samples that are not batched", async () => {
    const loader = new DataLoader(new TensorDataset(X, y), { batchSize: null, shuffle: true });
    const line = new Line();
    const epoch = (): void => {
      for (const [x, target] of loader) line.step(x, target);
    };
    expect(await compiled(epoch)).toBe(1);
  });

  test("compiles one Program for samples that are collated, too", async () => {
    const rows = (await X.tolist()) as number[][];
    const dataset: Dataset<[Float32Array, number]> = {
      length: 100,
      get: (i) => [Float32Array.from(rows[i]!), 2 * rows[i]![0]!],
    };
    const line = new Line();
    const loader = new DataLoader(dataset, { batchSize: 10, shuffle: true });
    const epochs = (): void => {
      for (let epoch = 0; epoch < 3; epoch++) {
        for (const [batchX, batchY] of loader) line.step(batchX, batchY.reshape(10, 1));
      }
    };
    expect(await compiled(epochs)).toBe(1);
  });
});

describe("a loop that reads nothing", () => {
  const pending = (): number => defaultDevice().pending.length;

  test("is cut at the ends of batches, so that little waits and its Programs repeat", async () => {
    const loader = new DataLoader(new TensorDataset(X, y), { batchSize: 10, shuffle: true });
    let most = 0;
    const epochs = (count: number) => () =>
      noGrad(() => {
        for (let epoch = 0; epoch < count; epoch++) {
          for (const [batchX, batchY] of loader) {
            batchX.sub(batchY).square().mean();
            most = Math.max(most, pending());
          }
        }
      });
    flush(X); // nothing waits
    await compiled(epochs(30));
    expect(most).toBeGreaterThan(seamLimits.values / 2);
    expect(most).toBeLessThan(seamLimits.values + 10);
    expect(await compiled(epochs(30))).toBe(0);
  });

  test("is cut earlier where the batches are large", () => {
    const big = new DataLoader(new TensorDataset(rand([64, 2 ** 16])), { batchSize: 32 });
    let most = 0;
    for (let epoch = 0; epoch < 10; epoch++) {
      for (const _ of big) most = Math.max(most, defaultDevice().pendingBytes);
    }
    const batch = 32 * 2 ** 16 * 4;
    expect(most).toBeLessThanOrEqual(seamLimits.bytes + batch);
  });
});

describe("the memory of a long loop stays flat", () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const held = (): number => {
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };

  test.each(["for", "for await"])("with %s over 20,000 batches, trained on or not", async (way) => {
    const loader = new DataLoader(new TensorDataset(X, y), { batchSize: 10, shuffle: true });
    const line = new Line();
    let turns = 0;
    const turn = ([batchX, batchY]: [Tensor, Tensor]): void => {
      if (++turns % 2 === 0) line.step(batchX, batchY);
    };
    const epochs = async (count: number): Promise<void> => {
      for (let epoch = 0; epoch < count; epoch++) {
        if (way === "for") for (const batch of loader) turn(batch);
        else for await (const batch of loader) turn(batch);
      }
    };
    await epochs(200);
    const before = held();
    await epochs(2000);
    expect(held() - before).toBeLessThan(2 ** 20);
  });

  test("without a turn of the event loop, also while it runs", async () => {
    const loader = new DataLoader(new TensorDataset(rand([1000, 1024])), { batchSize: 250, shuffle: true }); // 1 MB
    let peak = 0;
    for (let epoch = 0; epoch < 150; epoch++) {
      for await (const _ of loader) peak = Math.max(peak, process.memoryUsage().arrayBuffers);
    }
    expect(peak).toBeLessThan(300 * 2 ** 20);
  });
});

describe("for await over data in memory", () => {
  const cpu = defaultDevice();
  afterEach(() => setDefaultDevice(cpu));

  /** Times that the event loop came to a task while a loop ran. */
  async function tasksDuring(loader: AsyncIterable<unknown>): Promise<number> {
    let tasks = 0;
    let running = true;
    const count = (): void => {
      tasks++;
      if (running) setImmediate(count);
    };
    setImmediate(count);
    for await (const _ of loader);
    running = false;
    return tasks;
  }

  /** A device that asks for a turn of the event loop after every `every` batches. */
  class Busy extends ReferenceBackend {
    asked = 0;
    constructor(name: string, readonly every: number) { super(name); } // prettier-ignore
    ready(): Promise<void> | undefined {
      return ++this.asked % this.every === 0 ? new Promise((resolve) => setImmediate(resolve)) : undefined;
    }
  }

  test("gives the event loop no turn where no memory needs one", async () => {
    expect(await tasksDuring(new DataLoader(new TensorDataset(X, y), { batchSize: 1 }))).toBe(0);
  });

  test("waits where the default device asks for it, and only then", async () => {
    const backend = new Busy("busy", 4);
    setDefaultDevice(registerBackend(backend));
    const loader = new DataLoader(new TensorDataset(rand([12, 1])));
    expect(await tasksDuring(loader)).toBe(3);
    expect(backend.asked).toBe(12);
  });

  test("waits where the device of the batch asks for it, beside another default", async () => {
    const device = registerBackend(new Busy("aside", 5));
    const data = rand([10, 1], { device });
    expect(await tasksDuring(new DataLoader(new TensorDataset(data)))).toBe(2);
    const named = { length: 10, get: (i: number) => ({ x: data.at(i) }) };
    expect(await tasksDuring(new DataLoader(named))).toBe(2);
  });

  test("a plain for does not wait", () => {
    const device = registerBackend(new Busy("ignored", 1));
    let batches = 0;
    for (const _ of new DataLoader(new TensorDataset(rand([3, 1], { device })))) batches++;
    expect(batches).toBe(3);
  });
});
