import { describe, expect, test } from "vitest";
import { checkpoint, defaultDevice, manualSeed, ones, randn, tensor, type Tensor, zeros } from "@downhill/core";
import { gradcheck, gradgradcheck } from "@downhill/core/testing";
import { functional, MultiheadAttention } from "@downhill/nn";

const { scaledDotProductAttention: attend } = functional;
const draw = (...shape: number[]): Tensor => randn(shape, { dtype: "float64" }).detach().requiresGrad_();
const seen = tensor([[true, false, true], [false, false, false]]); // prettier-ignore

describe("gradients are the slopes, to the second order", () => {
  manualSeed(4);
  const inputs = [draw(2, 2, 3), draw(2, 3, 3), draw(2, 3, 2)];
  type Run = (q: Tensor, k: Tensor, v: Tensor, mask?: Tensor) => Tensor;
  test.each<[string, Run, Tensor[]]>([
    ["attention", (q, k, v) => attend(q, k, v), inputs],
    ["causal attention", (q, k, v) => attend(q, k, v, { isCausal: true, scale: 0.7 }), inputs],
    ["attention under a mask that hides all from one query", (q, k, v) => attend(q, k, v, { attnMask: seen }), inputs],
    ["attention with a learned mask", (q, k, v, m) => attend(q, k, v, { attnMask: m! }), [...inputs, draw(2, 1)]],
    [
      "attention with dropout",
      (q, k, v) => {
        manualSeed(3);
        return attend(q, k, v, { dropoutP: 0.3 });
      },
      inputs,
    ],
  ])("%s", async (_, run, leaves) => {
    const fn = run as (...leaves: Tensor[]) => Tensor;
    await gradcheck(fn, leaves);
    await gradgradcheck(fn, leaves);
  });

  test("MultiheadAttention", async () => {
    const layer = new MultiheadAttention(4, 2, { dtype: "float64", addBiasKv: true, addZeroAttn: true });
    const fn = (x: Tensor): Tensor => layer.forward(x, x, x, { isCausal: true, needWeights: false })[0];
    await gradcheck(fn, draw(3, 1, 4));
    await gradgradcheck(fn, draw(2, 1, 4));
  });
});

describe("scaledDotProductAttention", () => {
  test("gives zeros, and gradients of zeros, where a query may look at nothing", async () => {
    const [q, k, v] = [draw(2, 3), draw(3, 3), draw(3, 2)] as const;
    for (const attnMask of [seen, zeros([2, 3], { dtype: "float64" }).maskedFill(seen.logicalNot(), -Infinity)]) {
      const out = attend(q, k, v, { attnMask });
      expect(((await out.tolist()) as number[][])[1]).toEqual([0, 0]);
      q.grad = null;
      out.sum().backward();
      expect(((await q.grad!.tolist()) as number[][])[1]).toEqual([0, 0, 0]);
    }
  });

  test("isCausal is a mask of what comes later", async () => {
    const [q, k, v] = [draw(4, 3), draw(5, 3), draw(5, 2)] as const;
    const attnMask = ones([4, 5], { dtype: "bool" }).tril();
    expect(await attend(q, k, v, { isCausal: true }).tolist()).toEqual(await attend(q, k, v, { attnMask }).tolist());
  });

  test("does not overflow, and NaN among the scores stays NaN", async () => {
    const x = tensor([[1e4, 0], [0, 1e4]]); // prettier-ignore
    expect(await attend(x, x, tensor([[1], [2]]), { attnMask: ones([2, 2], { dtype: "bool" }) }).tolist()).toEqual([[1], [2]]); // prettier-ignore
    const odd = tensor([[NaN, 0]]);
    expect(await attend(odd, x, ones([2, 1]), { attnMask: tensor([[true, false]]) }).tolist()).toEqual([[NaN]]);
  });

  test("drops weights anew at each call, the same in a checkpoint, and compiles nothing for it", async () => {
    const x = ones([1, 8, 4], { requiresGrad: true });
    const run = (x: Tensor): Tensor => attend(x, x, x.exp(), { dropoutP: 0.5 }).square();
    manualSeed(9);
    const first = run(x);
    const second = run(x);
    expect(await first.tolist()).not.toEqual(await second.tolist());
    first.sum().backward();
    const grad = await x.grad!.tolist();
    x.grad = null;
    manualSeed(9);
    checkpoint(run, x).sum().backward();
    expect(await x.grad!.tolist()).toEqual(grad);
    const { compiled } = defaultDevice().programs;
    await run(x).tolist();
    expect(defaultDevice().programs.compiled).toBe(compiled);
  });

  const [q, k, v] = [zeros([2, 3]), zeros([4, 3]), zeros([4, 5])] as const;
  const where = "scaledDotProductAttention";
  test.each<[string, () => unknown, RegExp]>([
    [
      "sizes of queries and keys",
      () => attend(q, zeros([4, 2]), v),
      /query and key must have the same last size, got shapes \[2, 3\] and \[4, 2\]/,
    ],
    [
      "missing values",
      () => attend(q, k, zeros([3, 5])),
      /there must be a value for each key, got shapes \[4, 3\] and \[3, 5\]/,
    ],
    ["vectors", () => attend(zeros([3]), k, v), /the query must be \[..., length, size\], got shape \[3\]/],
    ["dtypes", () => attend(q, k, v.to("float64")), /the query is float32, the value float64\n.*x\.to\("float32"\)/],
    ["ints", () => attend(q.to("int32"), k, v), /needs a float tensor, got int32/],
    ["batches", () => attend(zeros([2, 2, 3]), zeros([3, 4, 3]), v), /shapes \[2\] and \[3\] do not broadcast/],
    [
      "a mask and isCausal",
      () => attend(q, k, v, { isCausal: true, attnMask: ones([2, 4]) }),
      /takes attnMask or isCausal, not both\n.*mask/,
    ],
    [
      "an int mask",
      () => attend(q, k, v, { attnMask: ones([2, 4], { dtype: "int32" }) }),
      /attnMask must be bool or float32, as the query is, got int32\n.*to\("bool"\)/,
    ],
    [
      "a mask of another shape",
      () => attend(q, k, v, { attnMask: ones([3, 4]) }),
      /attnMask and scores: shapes \[3, 4\] and \[2, 4\] do not broadcast/,
    ],
    [
      "a mask of more dims",
      () => attend(q, k, v, { attnMask: ones([2, 2, 4]) }),
      /attnMask of shape \[2, 2, 4\] does not broadcast to scores \[2, 4\]/,
    ],
    [
      "a mask that is none",
      () => attend(q, k, v, { attnMask: [true] as never }),
      /attnMask must be a tensor or null, got \[true\]/,
    ],
    ["dropoutP", () => attend(q, k, v, { dropoutP: 2 }), /dropoutP must be a probability from 0 to 1, got 2/],
    ["scale", () => attend(q, k, v, { scale: "1" as never }), /scale must be a number or null, got "1"/],
    [
      "options",
      () => attend(q, k, v, { mask: null } as object),
      /unknown option "mask"\n.*attnMask, dropoutP, isCausal, scale/,
    ],
    ["flags", () => attend(q, k, v, { isCausal: 1 as never }), /isCausal must be true or false, got 1/],
  ])("refuses %s", (_, act, message) => {
    expect(act).toThrow(new RegExp(`^${where}: ${message.source}`));
  });
});

describe("MultiheadAttention", () => {
  test("gives the same output with and without weights, which are rows of sums 1", async () => {
    const layer = new MultiheadAttention(8, 4, { batchFirst: true });
    const x = randn([2, 3, 8]);
    const [output, weights] = layer.forward(x, x, x);
    const [same, none] = layer.forward(x, x, x, { needWeights: false });
    expect([none, await same.tolist()]).toEqual([null, await output.tolist()]);
    expect(weights!.shape).toEqual([2, 3, 3]);
    expect(await weights!.sum(-1).sub(1).abs().max().item()).toBeLessThan(1e-6);
    const [, perHead] = layer.forward(x, x, x, { averageAttnWeights: false });
    expect(perHead!.shape).toEqual([2, 4, 3, 3]);
  });

  test("gives zeros as weights where all keys are padding", async () => {
    const layer = new MultiheadAttention(4, 2, { batchFirst: true });
    const x = randn([1, 2, 4]);
    const [output, weights] = layer.forward(x, x, x, { keyPaddingMask: tensor([[true, true]]) });
    expect(await weights!.tolist()).toEqual([[[0, 0], [0, 0]]]); // prettier-ignore
    expect(await output.tolist()).toEqual([[[0, 0, 0, 0], [0, 0, 0, 0]]]); // prettier-ignore
  });

  test("drops weights in training only", async () => {
    manualSeed(1);
    const layer = new MultiheadAttention(4, 1, { dropout: 0.5 });
    const x = randn([16, 1, 4]);
    const zeroes = async (): Promise<number> =>
      [...(await layer.forward(x, x, x)[1]!.data())].filter((w) => w === 0).length;
    expect(await zeroes()).toBeGreaterThan(64);
    layer.eval();
    expect(await zeroes()).toBe(0);
  });

  test("projects what is one tensor with one product, and copies it gives the same", async () => {
    const layer = new MultiheadAttention(4, 2);
    const x = randn([3, 2, 4]);
    const [one] = layer.forward(x, x, x);
    const [two] = layer.forward(x, x.clone(), x.clone());
    expect(await one.sub(two).abs().max().item()).toBeLessThan(1e-6);
  });

  const layer = new MultiheadAttention(4, 2);
  const x = zeros([3, 2, 4]);
  const run = (options: object): unknown => layer.forward(x, x, x, options);
  test.each<[string, () => unknown, RegExp]>([
    ["heads", () => new MultiheadAttention(6, 4), /embedDim 6 does not divide into 4 heads\n/],
    ["no heads", () => new MultiheadAttention(6, 0), /numHeads must be an integer of 1 or more, got 0/],
    [
      "dropout",
      () => new MultiheadAttention(4, 2, { dropout: -1 }),
      /dropout must be a probability from 0 to 1, got -1/,
    ],
    [
      "flags",
      () => new MultiheadAttention(4, 2, { batchFirst: 1 as never }),
      /batchFirst must be true or false, got 1/,
    ],
    ["options", () => new MultiheadAttention(4, 2, { heads: 2 } as object), /unknown option "heads"\n.*batchFirst/],
    [
      "dtype",
      () => new MultiheadAttention(4, 2, { dtype: "uint8" }),
      /dtype must be "float16", "float32" or "float64", got "uint8"/,
    ],
    ["kdim", () => new MultiheadAttention(4, 2, { kdim: 0 }), /kdim must be an integer of 1 or more, got 0/],
    [
      "another size",
      () => layer.forward(zeros([3, 2, 5]), x, x),
      /the query's last size must be 4 \(embedDim\), got shape \[3, 2, 5\]/,
    ],
    [
      "another size of keys",
      () => layer.forward(x, zeros([3, 2, 5]), x),
      /the key's last size must be 4 \(kdim\), got shape \[3, 2, 5\]/,
    ],
    [
      "dims",
      () => layer.forward(zeros([4]), x, x),
      /query, key and value must be \[length, N, size\], or all \[length, size\], got shapes \[4\]/,
    ],
    [
      "batches",
      () => layer.forward(x, zeros([3, 1, 4]), x),
      /needs as many samples everywhere, .*\[3, 1, 4\].*batchFirst: true/,
    ],
    [
      "missing values",
      () => layer.forward(x, x, zeros([2, 2, 4])),
      /needs as many samples everywhere, and a value for each key/,
    ],
    [
      "a mask's shape",
      () => run({ attnMask: ones([1, 3]) }),
      /attnMask must have shape \[3, 3\] or \[4, 3, 3\], got \[1, 3\]/,
    ],
    [
      "a padding's shape",
      () => run({ keyPaddingMask: ones([3, 2]) }),
      /keyPaddingMask must have shape \[2, 3\], got \[3, 2\]/,
    ],
    ["a mask's dtype", () => run({ attnMask: ones([3, 3], { dtype: "int32" }) }), /attnMask must be bool or float32/],
    ["options of a call", () => run({ mask: null }), /unknown option "mask"\n.*keyPaddingMask/],
    ["flags of a call", () => run({ needWeights: "no" }), /needWeights must be true or false, got "no"/],
  ])("refuses %s", (_, act, message) => {
    expect(act).toThrow(new RegExp(`^MultiheadAttention: ${message.source}`));
  });
});
