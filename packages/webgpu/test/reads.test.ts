import { type Device, manualSeed, rand, setDefaultDevice, type Tensor, tensor } from "@downhill/core";
import { assign, flush } from "@downhill/core/engine";
import { DataLoader, TensorDataset } from "@downhill/data";
import { Linear, MSELoss } from "@downhill/nn";
import { SGD } from "@downhill/optim";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Engine } from "../src/device/engine.js";
import { engineOf } from "./engine-of.js";
import { openSoftwareDevice } from "./open-device.js";

let device: Device;
let engine: Engine;

beforeEach(async () => {
  device = await openSoftwareDevice();
  setDefaultDevice(device);
  manualSeed(0);
  engine = engineOf(device);
});

afterEach(() => setDefaultDevice("cpu"));

/** The lesson: its losses, as far as they are asked for, each as of its step. */
async function lesson(steps: number, ask: (step: number) => "now" | "later" | "not"): Promise<(number | null)[]> {
  manualSeed(0);
  const X = rand([20, 1]);
  const y = X.mul(2).add(3);
  const model = new Linear(1, 1);
  const criterion = new MSELoss();
  const optimizer = new SGD(model.parameters(), { lr: 0.1 });
  const loader = new DataLoader(new TensorDataset(X, y), { batchSize: 10 });
  const losses: (number | null | Promise<number>)[] = [];
  while (losses.length < steps) {
    for await (const [batchX, batchY] of loader) {
      optimizer.zeroGrad();
      const loss = criterion.forward(model.forward(batchX), batchY);
      loss.backward();
      optimizer.step();
      const step = losses.length;
      const kind = ask(step);
      losses.push(kind === "not" ? null : kind === "now" ? await loss.item() : loss.item());
    }
  }
  return Promise.all(losses.map(async (loss) => loss));
}

describe("reads", () => {
  it("give what stood there at the call, in whatever order they are awaited, and hold up no later step", async () => {
    const w = tensor([0, 0, 0]);
    await w.data();
    const step = (): void => {
      assign(w, w.add(1));
      flush(w);
    };
    step();
    await w.data(); // its pipeline is compiled
    const { submissions } = engine.counts;
    const order: number[] = [];
    const reads = Array.from({ length: 50 }, async (_, i) => {
      step();
      const data = await w.data();
      order.push(i);
      return data[0]!;
    });
    // All of them are on their way, and every step is submitted.
    expect(order).toEqual([]);
    expect(engine.counts.submissions).toBe(submissions + 50);
    expect(await Promise.all(reads)).toEqual(reads.map((_, i) => i + 2));
    expect(order).toEqual(reads.map((_, i) => i));
  });

  it("stage in buffers that are used again: as many as were under way at one time", async () => {
    const { readings } = engine.memory;
    const x = tensor([1, 2, 3]);
    await x.data();
    expect(readings.created).toBe(1);
    for (let i = 0; i < 20; i++) await x.data();
    expect(readings.created).toBe(1);
    for (let i = 0; i < 3; i++) await Promise.all(Array.from({ length: 8 }, () => x.data()));
    expect(readings.created).toBe(8);
    // Of another size, in a buffer of its own.
    const large = rand([1000]);
    for (let i = 0; i < 3; i++) await large.data();
    expect(readings.created).toBe(9);
  });

  it("of a loss at each step, at every tenth and of none give the same losses", { timeout: 120_000 }, async () => {
    const steps = 40;
    const each = await lesson(steps, () => "now");
    expect(new Set(each).size).toBe(steps);
    const tenth = await lesson(steps, (step) => (step % 10 === 9 ? "now" : "not"));
    const later = await lesson(steps, () => "later");
    const none = await lesson(steps, (step) => (step === steps - 1 ? "now" : "not"));
    expect(later).toEqual(each);
    expect(tenth).toEqual(each.map((loss, step) => (step % 10 === 9 ? loss : null)));
    expect(none.at(-1)).toBe(each.at(-1));
  });

  it("cost a step nothing: as many submissions and staging buffers at step 100 as at step 20", async () => {
    const marks: [number, number, number][] = [];
    await lesson(100, (step) => {
      const { created } = engine.memory.readings;
      if (step % 20 === 19) marks.push([engine.counts.submissions, created, engine.pipelines.created]);
      return "now";
    });
    const [first, ...others] = marks;
    others.forEach(([submissions, created, pipelines], i) => {
      expect(submissions - first![0]).toBe(20 * (i + 1) * ((others[0]![0] - first![0]) / 20));
      expect([created, pipelines]).toEqual(first!.slice(1));
    });
  });
});

describe("running ahead of the GPU", () => {
  /** Has the GPU be done with nothing until told. */
  function hold(): () => void {
    let release = (): void => undefined;
    const held = new Promise<undefined>((resolve) => (release = () => resolve(undefined)));
    engine.device.queue.onSubmittedWorkDone = () => held;
    return release;
  }

  it("is bounded: the fifth turn waits for the first", async () => {
    const release = hold();
    const ready = (): Promise<void> | undefined => engine.ready();
    const turns = Array.from({ length: 4 }, ready);
    expect(turns).toEqual([undefined, undefined, undefined, undefined]);
    const fifth = ready();
    expect(fifth).toBeInstanceOf(Promise);
    let waits = true;
    void fifth!.then(() => (waits = false));
    await tensor([1]).data();
    expect(waits).toBe(true);
    release();
    await fifth;
    expect(ready()).toBeUndefined();
  });

  it("is bounded too as long as pipelines compile, when nothing is submitted", async () => {
    const x = tensor([1, 2]);
    let step = 0;
    const w: Tensor = x.mul(3).exp().sqrt(); // a kernel that nobody has compiled yet
    flush(w);
    expect(engine.commands.isIdle).toBe(false);
    for (; step < 4; step++) expect(device.backend.ready!()).toBeUndefined();
    const { dispatches } = engine.counts;
    await device.backend.ready!();
    expect(engine.counts.dispatches).toBeGreaterThan(dispatches);
    expect(engine.commands.isIdle).toBe(true);
  });
});
