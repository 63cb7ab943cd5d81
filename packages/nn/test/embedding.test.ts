import { describe, expect, test } from "vitest";
import { manualSeed, ones, randn, tensor, type Tensor, zeros } from "@downhill/core";
import { gradcheck, gradgradcheck } from "@downhill/core/testing";
import { Device, type Program, ReferenceBackend } from "@downhill/core/engine";
import { Embedding, functional, Parameter } from "@downhill/nn";
import { SGD } from "@downhill/optim";

const int = (data: number[] | number[][]): Tensor => tensor(data, { dtype: "int32" });
const { embedding } = functional;

describe("gradients are the slopes, to the second order", () => {
  const weight = randn([4, 3], { dtype: "float64", requiresGrad: true });
  const indices = int([[0, 3, 0], [1, 0, 3]]); // prettier-ignore
  test("embedding", async () => {
    const fn = (w: Tensor): Tensor => embedding(indices, w).square();
    await gradcheck(fn, weight);
    await gradgradcheck(fn, weight);
  });

  test("embedding with padding, which counts as a constant", async () => {
    // Central differences would see the padding move: no index points there.
    const fn = (w: Tensor): Tensor => embedding(int([1, 2, 1]), w, { paddingIdx: 0 }).square();
    await gradcheck(fn, weight);
    await gradgradcheck(fn, weight);
  });
});

describe("embedding", () => {
  test("sums the gradients of a row's places, and passes none at the padding", async () => {
    const weight = new Parameter(ones([3, 2]));
    embedding(int([0, 2, 0, 1]), weight, { paddingIdx: 1 })
      .sum()
      .backward();
    expect(await weight.grad!.tolist()).toEqual([[2, 2], [0, 0], [1, 1]]); // prettier-ignore
  });

  test("gathers and scatters, and multiplies no one-hot matrix", async () => {
    const programs: Program[] = [];
    class Watched extends ReferenceBackend {
      override compile(program: Program): ReturnType<ReferenceBackend["compile"]> {
        programs.push(program);
        return super.compile(program);
      }
    }
    const device = new Device("watched", new Watched("watched"));
    const weight = ones([5, 2], { device, requiresGrad: true });
    embedding(tensor([1, 1, 4], { dtype: "int32", device }), weight)
      .sum()
      .backward();
    expect(await weight.grad!.tolist()).toEqual([[0, 0], [2, 2], [0, 0], [0, 0], [1, 1]]); // prettier-ignore
    const ops = programs.flatMap(({ nodes }) => nodes.map(({ op }) => op));
    expect(ops).toContain("scatter");
    expect(ops).not.toContain("matmul");
    expect(ops).not.toContain("eq");
  });

  test("takes uint8 indices, and says which index is out of range when it is computed", async () => {
    const weight = tensor([[1, 2], [3, 4]]); // prettier-ignore
    expect(await embedding(tensor([1, 0], { dtype: "uint8" }), weight).tolist()).toEqual([[3, 4], [1, 2]]); // prettier-ignore
    await expect(embedding(int([0, 2]), weight).tolist()).rejects.toThrow(
      /embedding: index 2 is out of range of size 2\n.*0 to 1/,
    );
    await expect(embedding(int([-1]), weight).tolist()).rejects.toThrow(
      "embedding: index -1 is out of range of size 2",
    );
  });
});

describe("Embedding", () => {
  test("starts with zeros at the padding, which training keeps", async () => {
    manualSeed(0);
    const layer = new Embedding(4, 2, { paddingIdx: -3 });
    expect(layer.paddingIdx).toBe(1);
    const optimizer = new SGD(layer.parameters(), { lr: 0.1 });
    layer
      .forward(int([0, 1, 1, 3]))
      .sum()
      .backward();
    const before = (await layer.weight.tolist()) as number[][];
    optimizer.step();
    const after = (await layer.weight.tolist()) as number[][];
    expect(after[1]).toEqual([0, 0]);
    expect(after[2]).toEqual(before[2]);
    expect(after[0]).not.toEqual(before[0]);
  });

  test("is made on the device that it is given, padding and all", async () => {
    const device = new Device("other", new ReferenceBackend("other"));
    const layer = new Embedding(3, 2, { device, paddingIdx: 0 });
    const rows = layer.forward(tensor([0, 2], { dtype: "int32", device }));
    expect(rows.device).toBe(device);
    expect(((await rows.tolist()) as number[][])[0]).toEqual([0, 0]);
    expect(Embedding.fromPretrained(layer.weight).weight.device).toBe(device);
  });

  test("fromPretrained takes a copy, frozen unless told otherwise", async () => {
    const rows = tensor([[1, 2.5], [4, 5], [7, 8]]); // prettier-ignore
    const frozen = Embedding.fromPretrained(rows);
    expect(frozen.weight.requiresGrad).toBe(false);
    expect(frozen.toString()).toBe("Embedding(3, 2)");
    const learned = Embedding.fromPretrained(rows, { freeze: false, paddingIdx: 0 });
    learned
      .forward(int([0, 1]))
      .sum()
      .backward();
    expect(await learned.weight.grad!.tolist()).toEqual([[0, 0], [1, 1], [0, 0]]); // prettier-ignore
    new SGD(learned.parameters(), { lr: 1 }).step();
    expect(await learned.weight.tolist()).toEqual([[1, 2.5], [3, 4], [7, 8]]); // prettier-ignore
    expect(await rows.tolist()).toEqual([[1, 2.5], [4, 5], [7, 8]]); // prettier-ignore
    expect(learned.toString()).toBe("Embedding(3, 2, paddingIdx=0)");
    expect(Embedding.fromPretrained(rows.to("float64")).weight.dtype).toBe("float64");
  });
});

test.each<[string, () => unknown, RegExp]>([
  [
    "float indices",
    () => embedding(zeros([2]), ones([2, 2])),
    /embedding: the indices must be int32, got float32\n.*to\("int32"\).*the weight comes second/,
  ],
  ["no tensor", () => new Embedding(3, 2).forward(1 as never), /embedding: expects a tensor, got 1/],
  [
    "a weight that is no matrix",
    () => embedding(int([0]), ones([3])),
    /embedding: the weight must be \[rows, size\], got shape \[3\]/,
  ],
  [
    "padding",
    () => new Embedding(3, 2, { paddingIdx: 3 }),
    /Embedding: paddingIdx must be one of the 3 rows or null, got 3\n.*-3 to 2/,
  ],
  [
    "padding of a function",
    () => embedding(int([0]), ones([3, 2]), { paddingIdx: 0.5 }),
    /embedding: paddingIdx must be one of the 3 rows or null, got 0.5/,
  ],
  ["maxNorm", () => new Embedding(3, 2, { maxNorm: 1 } as object), /Embedding: maxNorm is not supported\n.*noGrad/],
  [
    "sparse",
    () => embedding(int([0]), ones([3, 2]), { sparse: true } as object),
    /embedding: sparse is not supported\n.*dense/,
  ],
  [
    "scaleGradByFreq",
    () => new Embedding(3, 2, { scaleGradByFreq: true } as object),
    /Embedding: scaleGradByFreq is not supported\n.*registerHook/,
  ],
  [
    "other options",
    () => new Embedding(3, 2, { padding: 1 } as object),
    /Embedding: unknown option "padding"\n.*paddingIdx/,
  ],
  ["sizes", () => new Embedding(-1, 2), /Embedding: numEmbeddings must be an integer of 0 or more, got -1/],
  ["sizes of rows", () => new Embedding(1, NaN), /Embedding: embeddingDim must be an integer of 0 or more, got NaN/],
  [
    "ints to learn",
    () => new Embedding(1, 2, { dtype: "int32" }),
    /Embedding: dtype must be "float16", "float32" or "float64", got "int32"/,
  ],
  [
    "rows",
    () => Embedding.fromPretrained(ones([3])),
    /Embedding.fromPretrained: the rows must be \[numEmbeddings, embeddingDim\], got \[3\]/,
  ],
  [
    "int rows",
    () => Embedding.fromPretrained(ones([3, 1], { dtype: "int32" })),
    /Embedding.fromPretrained: dtype must be .* got "int32"/,
  ],
  [
    "a plain tensor as its weight",
    () => Object.assign(new Embedding(2, 2), { weight: ones([2, 2]) }).forward(int([0])),
    /Embedding: cannot take .* as parameter "weight"/,
  ],
])("embedding refuses %s", (_, act, message) => {
  expect(act).toThrow(message);
});
