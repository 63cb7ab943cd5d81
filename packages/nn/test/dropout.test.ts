import { describe, expect, test } from "vitest";
import { checkpoint, defaultDevice, manualSeed, ones, randn, tensor, type Tensor, zeros } from "@downhill/core";
import { gradcheck, gradgradcheck } from "@downhill/core/testing";
import { Dropout, Dropout2d, functional, Linear, Module } from "@downhill/nn";
import { SGD } from "@downhill/optim";

const { dropout } = functional;

describe("dropout", () => {
  test.each([0.1, 0.5, 0.75])("at p = %s sets about p of the elements to 0 and scales the others", async (p) => {
    manualSeed(3);
    const data = await dropout(ones([10_000]), p).data();
    const zeroes = data.filter((x) => x === 0).length;
    expect(Math.abs(zeroes / 10_000 - p)).toBeLessThan(0.015);
    expect(new Set(data)).toEqual(new Set([0, Math.fround(1 / (1 - p))]));
  });

  test("gives exact zeros, also for what is negative or not finite", async () => {
    manualSeed(0);
    const data = await dropout(tensor([-1, NaN, Infinity, -Infinity]).repeat(50), 0.5).data();
    expect(data.filter((x) => Object.is(x, 0)).length).toBeGreaterThan(60);
    expect(data.some((x) => Object.is(x, -0))).toBe(false);
    expect(await dropout(tensor([-1, NaN, Infinity]), 1).tolist()).toEqual([0, 0, 0]);
  });

  test("draws anew at each call, the same after the same seed, and leaves PyTorch's stream alone", async () => {
    const x = ones([64]);
    manualSeed(5);
    const first = [await dropout(x).tolist(), await dropout(x).tolist(), await randn([2]).tolist()];
    manualSeed(5);
    expect(await randn([2]).tolist()).toEqual(first[2]);
    expect([await dropout(x).tolist(), await dropout(x).tolist()]).toEqual(first.slice(0, 2));
    expect(first[0]).not.toEqual(first[1]);
  });

  test("reads the same again, and its gradient has the same zeros, after a flush in between too", async () => {
    manualSeed(1);
    const x = ones([40], { requiresGrad: true });
    const h = x.mul(2);
    const y = dropout(h, 0.5);
    const loss = y.sum();
    const total = await loss.item();
    loss.backward();
    const grad = [...(await x.grad!.data())];
    expect(grad).toEqual([...(await y.data())]);
    expect(grad.reduce((sum, g) => sum + g, 0)).toBe(total);
  });

  test("is a constant factor to autograd", async () => {
    const x = randn([3, 4], { dtype: "float64", requiresGrad: true });
    const fn = (x: Tensor): Tensor => {
      manualSeed(7);
      return dropout(x.square(), 0.3);
    };
    await gradcheck(fn, x);
    await gradgradcheck(fn, x);
  });

  test("has the same zeros in a checkpoint, when its values are recomputed", async () => {
    const results = [];
    for (const around of [(fn: (x: Tensor) => Tensor, x: Tensor) => fn(x), checkpoint]) {
      manualSeed(11);
      const w = randn([6, 6], { requiresGrad: true });
      const x = randn([5, 6], { requiresGrad: true });
      let h = x;
      for (let i = 0; i < 3; i++) h = around((h: Tensor) => dropout(h.matmul(w).tanh(), 0.4).exp(), h);
      const loss = h.sum();
      loss.backward();
      results.push(await Promise.all([loss, x.grad!, w.grad!].map((t) => t.tolist())));
    }
    expect(results[1]).toEqual(results[0]);
  });

  test("in a training loop compiles one Program, whatever p is", async () => {
    class Net extends Module {
      p = 0.1;
      first = new Linear(4, 8);
      second = new Linear(8, 1);
      override forward(x: Tensor): Tensor {
        return this.second.forward(dropout(this.first.forward(x).relu(), this.p, { training: this.training }));
      }
    }
    const net = new Net();
    const optimizer = new SGD(net.parameters(), { lr: 0.01 });
    const X = randn([8, 4]);
    const losses: number[] = [];
    let compiled = 0;
    for (let step = 0; step < 12; step++) {
      net.p = 0.1 + step / 100;
      optimizer.zeroGrad();
      const loss = net.forward(X).square().mean();
      loss.backward();
      optimizer.step();
      losses.push(await loss.item());
      if (step === 2) ({ compiled } = defaultDevice().programs);
    }
    expect(defaultDevice().programs.compiled).toBe(compiled);
    expect(new Set(losses).size).toBe(12);
  });
});

describe("Dropout", () => {
  test("is the identity in evaluation, and follows train and eval", async () => {
    manualSeed(2);
    const layer = new Dropout(0.5);
    const x = ones([100]);
    expect(await layer.eval().forward(x).tolist()).toEqual(await x.tolist());
    expect(await layer.train().forward(x).sum().item()).not.toBe(100);
  });
});

test.each<[string, () => unknown, RegExp]>([
  ["p above 1", () => new Dropout(1.5), /Dropout: p must be a probability from 0 to 1, got 1.5/],
  [
    "p that is no number",
    () => new Dropout({ p: 0.5 } as never),
    /Dropout: p must be a probability from 0 to 1, got {p}/,
  ],
  ["p of a function", () => dropout(ones([2]), -0.1), /dropout: p must be a probability from 0 to 1, got -0.1/],
  [
    "ints",
    () => dropout(zeros([2], { dtype: "int32" })),
    /dropout: needs a float tensor, got int32\n.*to\("float32"\)/,
  ],
  ["no tensor", () => dropout([1] as never), /dropout: expects a tensor, got \[1\]/],
  [
    "options",
    () => dropout(ones([2]), 0.5, { train: true } as object),
    /dropout: unknown option "train"\n.*training, inplace/,
  ],
  [
    "training",
    () => dropout(ones([2]), 0.5, { training: 1 as never }),
    /dropout: training must be true or false, got 1/,
  ],
  ["inplace", () => new Dropout(0.5, { inplace: "yes" as never }), /Dropout: inplace must be true or false, got "yes"/],
])("dropout refuses %s", (_, act, message) => {
  expect(act).toThrow(message);
});

describe("dropouts of channels", () => {
  const rows: [keyof typeof functional & `${string}ropout${string}`, number[], number][] = [
    ["dropout1d", [50, 40, 3], 2],
    ["dropout1d", [400, 3], 1],
    ["dropout2d", [50, 40, 2, 2], 2],
    ["dropout2d", [50, 40, 4], 2],
    ["dropout3d", [50, 40, 2, 1, 2], 2],
    ["dropout3d", [400, 2, 2, 2], 1],
    ["featureAlphaDropout", [50, 40, 3], 2],
  ];
  test.each(rows)("%s of %j drops whole channels, about as many as p says", async (name, shape, lead) => {
    manualSeed(2);
    const channels = shape.slice(0, lead).reduce((product, size) => product * size, 1);
    const y = functional[name](ones(shape), 0.25, { training: true }).reshape([channels, -1]);
    const [least, most] = (await Promise.all([y.amin(1).data(), y.amax(1).data()])) as [Float32Array, Float32Array];
    expect([...least]).toEqual([...most]);
    const kept = Math.max(...least);
    expect(Math.abs(least.filter((x) => x !== kept).length / channels - 0.25)).toBeLessThan(0.06);
  });

  test.each(["alphaDropout", "featureAlphaDropout"] as const)(
    "%s keeps mean and variance of what has 0 and 1",
    async (name) => {
      manualSeed(4);
      const y = functional[name](randn([200, 200]), 0.3, { training: true });
      expect(Math.abs(await y.mean().item())).toBeLessThan(0.02);
      expect(Math.abs((await y.var().item()) - 1)).toBeLessThan(0.03);
    },
  );

  test("alphaDropout drops only when told to, as PyTorch's", () => {
    const x = ones([3]);
    expect(functional.alphaDropout(x, 0.5)).toBe(x);
  });

  test("layers drop in training only", async () => {
    manualSeed(0);
    const layer = new Dropout2d(0.5);
    const x = ones([4, 8, 2, 2]);
    expect(await layer.forward(x).eq(0).any().item()).toBe(true);
    expect(await layer.eval().forward(x).eq(0).any().item()).toBe(false);
  });
});
