import { setFlagsFromString, getHeapStatistics } from "node:v8";
import { runInNewContext } from "node:vm";
import { defaultDevice, manualSeed, rand, setDefaultDevice, type Tensor } from "@downhill/core";
import { ReferenceBackend, registerBackend, synchronize } from "@downhill/core/engine";
import { Linear, MSELoss, Sequential } from "@downhill/nn";
import { afterEach, describe, expect, test } from "vitest";
import { CosineAnnealingLR, LambdaLR, type Optimizer, SGD } from "../src/index.js";
import { optimizers, type OptimizerRow } from "./battery.js";
import { freshDevice, valuesOf } from "./problem.js";

afterEach(() => setDefaultDevice("cpu"));

const compiled = (): number => defaultDevice().programs.compiled;

interface Trainer {
  readonly optimizer: Optimizer<{ lr: number }>;
  readonly params: readonly Tensor[];
  readonly step: () => void;
}

/** A linear model of `features`, its data, and one step of its training loop. */
function trainer({ make, matrices }: OptimizerRow, options: object, features = 2): Trainer {
  manualSeed(features);
  const X = rand([8, features]);
  const y = rand([8, 1]);
  const model = new Linear(features, 1, { bias: matrices !== true });
  const criterion = new MSELoss();
  const optimizer = make(model.parameters(), options);
  return {
    optimizer,
    params: [...model.parameters()],
    step: () => {
      optimizer.zeroGrad();
      criterion.forward(model.forward(X), y).backward();
      optimizer.step();
    },
  };
}

for (const [name, row] of Object.entries(optimizers)) {
  const last = row.variants.at(-1)!;

  describe(name, () => {
    test.each(row.variants)("takes 1,000 equal steps with one Program: %j", (options) => {
      setDefaultDevice(freshDevice());
      const { step } = trainer(row, options);
      for (let i = 0; i < 1000; i++) step();
      expect(compiled()).toBe(1);
    });

    test("compiles nothing for another number in its settings", () => {
      setDefaultDevice(freshDevice());
      const { optimizer, step } = trainer(row, last);
      step();
      for (const [setting, value] of Object.entries(row.numbers)) {
        Object.assign(optimizer.paramGroups[0]!, { [setting]: value });
        step();
        expect(compiled(), setting).toBe(1);
      }
      optimizer.paramGroups[0]!.lr = 0;
      step();
      expect(compiled(), "a rate of 0").toBe(1);
    });

    test("compiles nothing for the rates of a schedule", () => {
      setDefaultDevice(freshDevice());
      const { optimizer, step } = trainer(row, last);
      const schedulers = [
        new CosineAnnealingLR(optimizer, { tMax: 10 }),
        new LambdaLR(optimizer, { lrLambda: (t) => 1 / (1 + t) }),
      ];
      for (let i = 0; i < 50; i++) {
        step();
        for (const scheduler of schedulers) scheduler.step();
      }
      expect(compiled()).toBe(1);
    });

    test("holds memory flat, and allocates its state once", () => {
      let allocated = 0;
      class Counting extends ReferenceBackend {
        override allocate(...args: Parameters<ReferenceBackend["allocate"]>): ReturnType<ReferenceBackend["allocate"]> {
          allocated++;
          return super.allocate(...args);
        }
      }
      const device = registerBackend(new Counting("optim-counting"));
      setDefaultDevice(device);
      const { step } = trainer(row, last);
      for (let i = 0; i < 2000; i++) step();
      const before = { allocated, pending: device.pending.length, bytes: used() };
      for (let i = 0; i < 4000; i++) step();
      expect(allocated).toBe(before.allocated);
      expect(device.pending.length).toBe(before.pending);
      // 50 bytes kept per step would be twice as much.
      expect(used() - before.bytes).toBeLessThan(100_000);
    });

    test("computes and compiles beside another optimizer what it does alone", async () => {
      const alone: number[][] = [];
      let programs = 0;
      for (const features of [2, 3]) {
        setDefaultDevice(freshDevice());
        const { step, params } = trainer(row, last, features);
        for (let i = 0; i < 20; i++) step();
        alone.push(await valuesOf(params));
        programs += compiled();
      }
      setDefaultDevice(freshDevice());
      const both = [2, 3].map((features) => trainer(row, last, features));
      for (let i = 0; i < 20; i++) for (const { step } of both) step();
      expect(compiled()).toBe(programs);
      expect([await valuesOf(both[0]!.params), await valuesOf(both[1]!.params)]).toEqual(alone);
    });
  });
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Bytes of the heap in use, after a collection. */
function used(): number {
  collectGarbage();
  return getHeapStatistics().used_heap_size;
}

describe("two optimizers over two models that share a graph", () => {
  /** A generator that learns to please a critic, which learns to tell it from the data. */
  async function adversaries(rounds: number, afterStep: (round: number) => void): Promise<number[]> {
    manualSeed(0);
    const data = rand([16, 2]);
    const noise = rand([16, 2]);
    const generator = new Sequential(new Linear(2, 4), new Linear(4, 2));
    const critic = new Linear(2, 1);
    const ofGenerator = optimizers.Adam.make(generator.parameters(), { lr: 0.05 });
    const ofCritic = optimizers.SGD.make(critic.parameters(), { lr: 0.05, momentum: 0.5 });
    for (let round = 0; round < rounds; round++) {
      const made = generator.forward(noise);
      ofCritic.zeroGrad();
      critic.forward(made.detach()).mean().sub(critic.forward(data).mean()).add(criticSize(critic)).backward();
      ofCritic.step();
      afterStep(round);
      ofGenerator.zeroGrad();
      critic.forward(made).mean().neg().backward();
      ofGenerator.step();
      afterStep(round);
    }
    return valuesOf([...generator.parameters(), ...critic.parameters()]);
  }

  const criticSize = ({ weight }: Linear): Tensor => weight.mul(weight).sum();

  test("compile nothing after the first rounds, and give the same values if the device catches up at each step", async () => {
    setDefaultDevice(freshDevice());
    let programs = 0;
    const values = await adversaries(90, (round) => {
      if (round < 30) programs = compiled();
    });
    expect(compiled()).toBe(programs);
    setDefaultDevice(freshDevice());
    expect(await adversaries(90, () => synchronize(defaultDevice()))).toEqual(values);
  });
});

describe("gradients of several backwards", () => {
  test("add up, and are used in one Program per step", async () => {
    const run = async (parts: number): Promise<number[]> => {
      manualSeed(0);
      const X = rand([8, 2]);
      const y = rand([8, 1]);
      const model = new Linear(2, 1);
      const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
      const size = 8 / parts;
      for (let i = 0; i < 10; i++) {
        optimizer.zeroGrad();
        for (let part = 0; part < parts; part++) {
          const error = model.forward(X.narrow(0, part * size, size)).sub(y.narrow(0, part * size, size));
          error.mul(error).sum().backward();
        }
        optimizer.step();
      }
      return valuesOf([...model.parameters()]);
    };
    const whole = await run(1);
    setDefaultDevice(freshDevice());
    const parts = await run(4);
    parts.forEach((value, i) => expect(value).toBeCloseTo(whole[i]!, 5));
    expect(compiled()).toBeLessThanOrEqual(4);
  });
});
