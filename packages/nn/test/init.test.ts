import { describe, expect, test } from "vitest";
import { type DType, Generator, manualSeed, ones, rand, type Tensor, zeros } from "@downhill/core";
import { init, Linear } from "@downhill/nn";
import { difference, readFixture, type Value } from "./fixture.js";

interface Row {
  readonly name: Exclude<keyof typeof init, "calculateGain">;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly seed: number;
  readonly args: readonly number[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly data: readonly Value[];
  readonly next: number;
}

const rows = readFixture("init") as Row[];

/** How many rows PyTorch has left for each at least; a forgotten one does not compile. */
const fills: Record<Row["name"], number> = {
  uniform_: 30,
  normal_: 30,
  truncNormal_: 30,
  constant_: 15,
  ones_: 1,
  zeros_: 1,
  eye_: 3,
  dirac_: 8,
  xavierUniform_: 20,
  xavierNormal_: 10,
  kaimingUniform_: 60,
  kaimingNormal_: 60,
  orthogonal_: 20,
  sparse_: 24,
};

// These transform what they have drawn by functions of their own, rounded otherwise than PyTorch's.
const transformed = new Set<string>(["truncNormal_", "orthogonal_"]);

describe("initialisers leave PyTorch's numbers, and its generator where PyTorch leaves it", () => {
  for (const [name, least] of Object.entries(fills)) {
    const own = rows.filter((row) => row.name === name);
    test(`${name} has its rows`, () => {
      expect(own.length).toBeGreaterThanOrEqual(least);
    });
    test.each(
      own.map(
        (row) =>
          [`${name} ${row.dtype} [${row.shape.join()}] ${JSON.stringify([...row.args, row.options])}`, row] as const,
      ),
    )("%s", async (_, { shape, dtype, seed, args, options, data, next }) => {
      manualSeed(seed);
      const x = zeros(shape, { dtype, requiresGrad: true });
      const fill = init[name as Row["name"]] as (x: Tensor, ...rest: unknown[]) => Tensor;
      expect(fill(x, ...args, ...(Object.keys(options).length > 0 ? [options] : []))).toBe(x);
      expect(x.isLeaf && x.requiresGrad).toBe(true);
      // PyTorch's QR in float32 adds up to some units in the last place of 1, more than its inverse error function.
      const lost = dtype === "float64" ? 1e-13 : name === "orthogonal_" ? 2 ** -20 : 5e-7;
      if (transformed.has(name)) expect(await difference(x, { shape, dtype, data }, lost)).toBe("");
      else expect([...(await x.data())]).toEqual(data.map((value) => Number(value) + 0));
      expect(await rand([1]).item()).toBe(next);
    });
  }
});

describe("calculateGain", () => {
  test("gives PyTorch's factors", () => {
    expect(init.calculateGain("relu")).toBe(Math.SQRT2);
    expect(init.calculateGain("tanh")).toBe(5 / 3);
    expect(init.calculateGain("leakyRelu", 0.2)).toBe(1.3867504905630728);
    expect(init.calculateGain("leakyRelu")).toBe(1.4141428569978354);
    expect(["linear", "conv2d", "convTranspose1d", "sigmoid"].map((name) => init.calculateGain(name as "linear"))).toEqual([1, 1, 1, 1]); // prettier-ignore
    expect(init.calculateGain("selu")).toBe(0.75);
  });

  test("names what it knows where it is asked for something else", () => {
    expect(() => init.calculateGain("gelu" as "relu")).toThrow(
      /calculateGain: unknown nonlinearity "gelu"\n.*relu, leakyRelu/,
    );
    expect(() => init.calculateGain("leakyRelu", "0.1" as never)).toThrow("the slope must be a number");
  });
});

test("orthogonal_ makes the shorter side orthonormal", async () => {
  const wide = init.orthogonal_(zeros([5, 40], { dtype: "float64" }));
  const product = (await wide.matmul(wide.t()).tolist()) as number[][];
  for (const [i, row] of product.entries())
    for (const [j, value] of row.entries()) expect(value).toBeCloseTo(i === j ? 1 : 0, 14);
});

test("a generator of one's own leaves the default one alone", async () => {
  manualSeed(1);
  const expected = await rand([1]).item();
  manualSeed(1);
  const [a, b] = [zeros([3, 3]), zeros([3, 3])];
  init.kaimingNormal_(a, { generator: new Generator().manualSeed(4) });
  init.kaimingNormal_(b, { generator: new Generator().manualSeed(4) });
  expect(await a.tolist()).toEqual(await b.tolist());
  expect(await rand([1]).item()).toBe(expected);
});

test("a module's weights are filled in place, and stay its parameters", async () => {
  const layer = new Linear(2, 2);
  const { weight } = layer;
  init.eye_(layer.weight);
  expect(layer.weight).toBe(weight);
  expect(await layer.weight.tolist()).toEqual([[1, 0], [0, 1]]); // prettier-ignore
});

test.each<[string, () => unknown, string]>([
  ["fans", () => init.xavierUniform_(ones([3])), "xavierUniform_: needs a weight of 2 dims or more, got shape [3]"],
  [
    "mode",
    () => init.kaimingNormal_(ones([3, 3]), { mode: "fan_in" as never }),
    'kaimingNormal_: mode must be "fanIn" or "fanOut", got "fan_in"',
  ],
  ["options", () => init.xavierNormal_(ones([3, 3]), { a: 1 } as object), 'xavierNormal_: unknown option "a"'],
  ["eye", () => init.eye_(ones([3])), "eye_: needs 2 dims, got shape [3]"],
  ["dirac", () => init.dirac_(ones([3, 3])), "dirac_: needs 3 to 5 dims, got shape [3, 3]"],
  ["groups", () => init.dirac_(ones([3, 3, 3]), 2), "dirac_: 3 outputs are not divisible by 2 groups"],
  ["sparsity", () => init.sparse_(ones([3, 3]), 1.5), "sparse_: sparsity must be from 0 to 1, got 1.5"],
  ["orthogonal", () => init.orthogonal_(ones([3])), "orthogonal_: needs 2 dims or more, got shape [3]"],
  ["ints", () => init.zeros_(zeros([3], { dtype: "int32" })), "constant_: needs a float tensor, got int32"],
])("refuses what makes no sense: %s", (_, act, message) => {
  expect(act).toThrow(message);
});
