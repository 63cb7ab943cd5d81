/** A batch that cannot be computed, because an index in it is out of range: training goes on as if it had not been. */
import { compile, IndexError, manualSeed, noGrad, setDefaultDevice, type Tensor, tensor } from "@downhill/core";
import { BatchNorm1d, CrossEntropyLoss, Embedding, Linear, Module } from "@downhill/nn";
import { afterEach, describe, expect, test } from "vitest";
import { Adam, type Optimizer, SGD } from "../src/index.js";
import { freshDevice } from "./problem.js";

class Net extends Module {
  embedding = new Embedding(5, 4);
  norm = new BatchNorm1d(4);
  out = new Linear(4, 3);
  override forward(words: Tensor): Tensor {
    return this.out.forward(this.norm.forward(this.embedding.forward(words)).relu());
  }
}

interface Batch {
  readonly words: Tensor;
  readonly classes: Tensor;
}

const ints = (values: readonly number[]): Tensor => tensor(values, { dtype: "int32" });
const batch = (words: readonly number[], classes: readonly number[]): Batch => ({
  words: ints(words),
  classes: ints(classes),
});
const goodBatches = (): readonly [Batch, Batch, Batch] => [
  batch([0, 1, 2], [0, 1, 2]),
  batch([4, 3, 2], [2, 2, 0]),
  batch([1, 1, 0], [1, 0, 1]),
];
const good = goodBatches();
const badWord = (): Batch => batch([0, 5, 2], [0, 1, 2]);
const badClass = (): Batch => batch([0, 4, 2], [0, 3, 2]);

interface Trainer {
  readonly net: Net;
  readonly optimizer: Optimizer<{ lr: number }>;
  readonly loss: (batch: Batch) => Tensor;
}

function trainer(
  make = (net: Net): Optimizer<{ lr: number }> => new SGD(net.parameters(), { lr: 0.1, momentum: 0.9 }),
): Trainer {
  manualSeed(1);
  const net = new Net();
  const criterion = new CrossEntropyLoss();
  return { net, optimizer: make(net), loss: ({ words, classes }) => criterion.forward(net.forward(words), classes) };
}

/** Every parameter, and with `all` the running statistics, but not the count of batches. */
async function stateOf({ net }: Trainer, all = false): Promise<unknown> {
  const state = Object.entries(net.stateDict());
  const names = new Set([...net.namedParameters()].map(([name]) => name));
  const told = state.filter(([name]) => names.has(name) || (all && name.includes("running")));
  return Object.fromEntries(await Promise.all(told.map(async ([name, x]) => [name, await x.tolist()]))) as unknown;
}

/** What training on the good batches alone gives. */
async function spared(make?: Parameters<typeof trainer>[0], all?: boolean): Promise<unknown> {
  const t = trainer(make);
  for (const each of good) {
    t.optimizer.zeroGrad();
    t.loss(each).backward();
    t.optimizer.step();
  }
  return stateOf(t, all);
}

const ways: Readonly<Record<string, (t: Trainer, each: Batch) => Promise<void> | void>> = {
  "zeroGrad first": ({ optimizer, loss }, each) => {
    optimizer.zeroGrad();
    loss(each).backward();
    optimizer.step();
  },
  "zeroGrad last": ({ optimizer, loss }, each) => {
    loss(each).backward();
    optimizer.step();
    optimizer.zeroGrad();
  },
  "the loss read before backward": async ({ optimizer, loss }, each) => {
    const value = loss(each);
    await value.item();
    value.backward();
    optimizer.step();
    optimizer.zeroGrad();
  },
  "the loss read before the step": async ({ optimizer, loss }, each) => {
    const value = loss(each);
    value.backward();
    await value.item();
    optimizer.step();
    optimizer.zeroGrad();
  },
  "gradients changed in place": ({ net, optimizer, loss }, each) => {
    loss(each).backward();
    for (const { grad } of net.parameters()) grad!.mul_(1);
    optimizer.step();
    optimizer.zeroGrad();
  },
};

afterEach(() => {
  setDefaultDevice("cpu");
});

describe.each(Object.entries(ways))("a failed batch in a loop with %s", (_, step) => {
  // As in PyTorch, a batch norm has counted the batch by the time that the loss meets its wrong classes.
  test.each([
    ["word", badWord, true],
    ["class", badClass, false],
  ])("throws once, and changes nothing (%s)", async (_name, bad, all) => {
    const t = trainer();
    for (const each of [good[0], bad(), good[1], bad(), bad(), good[2]]) {
      const isGood = (good as readonly Batch[]).includes(each);
      const before = await stateOf(t, all);
      const turn = async (): Promise<void> => step(t, each);
      if (isGood) await turn();
      else {
        await expect(turn()).rejects.toThrow(IndexError);
        expect(await stateOf(t, all)).toEqual(before);
        if (_ !== "zeroGrad first") expect(t.net.out.weight.grad).toBeNull();
      }
    }
    expect(await stateOf(t, all)).toEqual(await spared(undefined, all));
  });
});

describe("a failed batch", () => {
  test.each(["SGD", "Adam"])("leaves the optimizer's state alone: %s", async (name) => {
    const make = (net: Net): Optimizer<{ lr: number }> =>
      name === "SGD" ? new SGD(net.parameters(), { lr: 0.1, momentum: 0.9 }) : new Adam(net.parameters(), { lr: 0.1 });
    const t = trainer(make);
    for (const each of [badWord(), good[0], badClass(), good[1], badWord(), good[2], badWord()]) {
      try {
        ways["zeroGrad last"]!(t, each) as void;
      } catch (error) {
        expect(error).toBeInstanceOf(IndexError);
      }
    }
    expect(t.optimizer.stepCount).toBe(3);
    expect(await stateOf(t)).toEqual(await spared(make));
  });

  test("compiles nothing more when it comes again, and leaves nothing pending", () => {
    const device = freshDevice();
    setDefaultDevice(device);
    const t = trainer();
    const turn = (): void => {
      const [first, second] = goodBatches();
      for (const each of [first, badWord(), second, badClass()]) {
        try {
          void ways["zeroGrad last"]!(t, each);
        } catch (error) {
          expect(error).toBeInstanceOf(IndexError);
        }
      }
    };
    for (let i = 0; i < 3; i++) turn();
    const { compiled } = device.programs;
    for (let i = 0; i < 5; i++) turn();
    expect(device.programs.compiled).toBe(compiled);
    expect(device.changes.length).toBeLessThanOrEqual(device.pending.length);
    expect(device.pending.length).toBeLessThan(50);
  });

  test("adds nothing to what other backwards have added up", async () => {
    const [t, plain] = [trainer(), trainer()];
    const add = (each: Batch): void => {
      t.loss(each).backward();
    };
    for (const each of good) plain.loss(each).backward();
    add(good[0]);
    add(good[1]);
    add(badWord());
    // Every second backward computes what has been added up: a call that throws has added nothing either.
    expect(() => {
      add(good[1]);
    }).toThrow("embedding: index 5 is out of range");
    add(badClass());
    await expect(t.net.out.bias!.grad!.tolist()).rejects.toThrow("crossEntropy: index 3 is out of range");
    add(good[2]);
    for (const [i, x] of [...t.net.parameters()].entries())
      expect(await x.grad!.tolist()).toEqual(await [...plain.net.parameters()][i]!.grad!.tolist());
    t.optimizer.step();
    plain.optimizer.step();
    expect(await stateOf(t)).toEqual(await stateOf(plain));
  });

  test("of several optimizers' parameters takes only its own gradients with it", async () => {
    manualSeed(1);
    const [table, other] = [new Embedding(3, 2), new Linear(2, 1)];
    const [first, second] = [new SGD(table.parameters(), { lr: 1 }), new SGD(other.parameters(), { lr: 1 })];
    const before = await other.bias!.item();
    table
      .forward(ints([3]))
      .sum()
      .backward();
    other
      .forward(tensor([[1, 1]]))
      .sum()
      .backward();
    expect(() => {
      first.step();
    }).toThrow("embedding: index 3 is out of range");
    expect(table.weight.grad).toBeNull();
    first.step();
    second.step();
    expect(await other.bias!.item()).toBeCloseTo(before - 1, 6);
  });

  test("does not stay in the running statistics when nothing but the loss is asked for", async () => {
    const t = trainer();
    const before = await stateOf(t, true);
    await expect(t.loss(badWord()).item()).rejects.toThrow(IndexError);
    expect(await stateOf(t, true)).toEqual(before);
    t.net.eval();
    expect(await noGrad(() => t.loss(good[0])).item()).not.toBeNaN();
  });

  test("of a compiled step changes nothing, and the next one goes on", async () => {
    const t = trainer();
    const step = compile((words: Tensor, classes: Tensor) => {
      t.loss({ words, classes }).backward();
      t.optimizer.step();
      t.optimizer.zeroGrad();
    });
    for (const each of [badClass(), good[0], badWord(), good[1], badClass(), good[2]]) {
      const before = await stateOf(t);
      if ((good as readonly Batch[]).includes(each)) step(each.words, each.classes);
      else {
        expect(() => {
          step(each.words, each.classes);
        }).toThrow(IndexError);
        expect(await stateOf(t)).toEqual(before);
      }
    }
    expect(await stateOf(t)).toEqual(await spared());
  });

  test("descending by hand: the tensor keeps the value that it had", async () => {
    const w = tensor([1, 2], { requiresGrad: true });
    const descend = (index: number): void => {
      w.grad = null;
      w.square()
        .gather(0, ints([index]))
        .sum()
        .backward();
      noGrad(() => w.sub_(w.grad!.mul(0.5)));
    };
    descend(2);
    // Its value is needed by the next turn's backward.
    expect(() => {
      descend(1);
    }).toThrow("gather: index 2 is out of range");
    expect(await w.tolist()).toEqual([1, 2]);
    descend(1); // pending, so that the next backward computes it
    expect(() => {
      descend(3);
    }).toThrow("gather: index 3 is out of range");
    descend(0);
    expect(await w.tolist()).toEqual([0, 0]);
    const sum = tensor([1]);
    sum.add_(w.detach().gather(0, ints([7])));
    await expect(sum.item()).rejects.toThrow(IndexError);
    expect(await sum.item()).toBe(1);
  });
});
