import { describe, expect, test } from "vitest";
import { type DType, manualSeed, noGrad, ones, rand, tensor, type Tensor, zeros } from "@downhill/core";
import { functional, Linear } from "@downhill/nn";
import { readFixture } from "./fixture.js";

interface Start {
  readonly seed: number;
  readonly sizes: readonly [number, number];
  readonly options: { readonly bias?: boolean; readonly dtype?: DType };
  readonly weight: readonly number[];
  readonly bias: readonly number[] | null;
  readonly next: number;
}

/** The bits of float32 elements as int32; float64 elements as they are. */
async function bits(x: Tensor): Promise<number[]> {
  const data = await x.data();
  return [...(data instanceof Float32Array ? new Int32Array(data.buffer, data.byteOffset, data.length) : data)];
}

describe("a Linear layer starts with PyTorch's bits", () => {
  const rows = readFixture("linear-init") as Start[];
  test.each(
    rows.map(
      (row) => [`${row.sizes.join(" to ")} ${JSON.stringify(row.options)} after seed ${row.seed}`, row] as const,
    ),
  )("%s", async (_, { seed, sizes, options, weight, bias, next }) => {
    manualSeed(seed);
    const layer = new Linear(...sizes, options);
    expect(await bits(layer.weight)).toEqual(weight);
    expect(layer.bias && (await bits(layer.bias))).toEqual(bias);
    expect(await rand([1]).item()).toBe(next);
  });

  test("for every number of inputs from 1 to 599", async () => {
    for (const [features, weight, bias] of readFixture("linear-bounds") as [number, number, number][]) {
      manualSeed(features);
      const layer = new Linear(features, 1);
      expect([features, (await bits(layer.weight))[0], ...(await bits(layer.bias!))]).toEqual([features, weight, bias]);
    }
  });
});

describe("Linear refuses what makes no sense", () => {
  test.each([-1, 1.5, NaN, Infinity, "3" as unknown as number, undefined as unknown as number])(
    "inFeatures %s",
    (size) => {
      expect(() => new Linear(size, 2)).toThrow(
        `Linear: inFeatures must be an integer of 0 or more, got ${JSON.stringify(size) ?? "undefined"}`.replace(
          "null",
          String(size),
        ),
      );
    },
  );

  test("negative outFeatures", () => {
    expect(() => new Linear(2, -3)).toThrow("Linear: outFeatures must be an integer of 0 or more, got -3");
  });

  test("an unknown option, by name", () => {
    expect(() => new Linear(2, 3, { biased: false } as object)).toThrow(/Linear: unknown option "biased"\n.*bias/);
  });

  test("input of another last size, naming inFeatures and a way out", () => {
    const layer = new Linear(1, 1);
    expect(() => layer.forward(ones([5]))).toThrow(
      /linear: the input's last size must be 1 \(inFeatures\), got shape \[5\]\n.*x\.unsqueeze\(1\)/,
    );
    expect(() => new Linear(3, 2).forward(ones([3, 4]))).toThrow(
      /must be 3 \(inFeatures\), got shape \[3, 4\]\n.*transpose/,
    );
    expect(() => layer.forward(ones([]))).toThrow("must be 1 (inFeatures), got shape []");
  });

  test("input of another dtype, with the conversion", () => {
    const x = tensor([[1, 2]], { dtype: "int32" });
    expect(() => new Linear(2, 1).forward(x)).toThrow(
      /linear: the input is int32, the weight float32\n.*x\.to\("float32"\)/,
    );
  });

  test("what is no tensor", () => {
    expect(() => new Linear(2, 1).forward([1, 2] as unknown as Tensor)).toThrow("linear: expects a tensor, got [1, 2]");
  });

  test("functional.linear: weights and biases of other shapes", () => {
    expect(() => functional.linear(ones([2]), ones([1, 1, 2]))).toThrow(
      "linear: the weight must be [outFeatures, inFeatures]",
    );
    expect(() => functional.linear(ones([4, 2]), ones([3, 2]), ones([4]))).toThrow(
      "linear: the bias must have shape [3] (outFeatures), got [4]",
    );
  });
});

describe("Linear", () => {
  test("takes no inputs at all, or none of a batch", async () => {
    expect(await new Linear(0, 2, { bias: false }).forward(zeros([3, 0])).tolist()).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
    expect(new Linear(3, 2).forward(zeros([0, 3])).shape).toEqual([0, 2]);
  });

  test("functional.linear with a weight of one dim gives a dot product", async () => {
    expect(
      await functional
        .linear(
          tensor([
            [1, 2],
            [3, 4],
          ]),
          tensor([1, 10]),
          tensor([0.5]),
        )
        .tolist(),
    ).toEqual([21.5, 43.5]);
  });

  test("its parameters are leaves that ops under noGrad may change", async () => {
    const layer = new Linear(1, 1);
    noGrad(() => layer.weight.fill_(2));
    noGrad(() => layer.bias!.fill_(1));
    expect(await layer.forward(tensor([[3]])).tolist()).toEqual([[7]]);
    expect([...layer.parameters()].every((p) => p.isLeaf && p.requiresGrad)).toBe(true);
  });
});
