import { Generator, manualSeed, type Tensor } from "@downhill/core";
import { describe, expect, expectTypeOf, test } from "vitest";
import { DataLoader, Subset, synthetic, type TensorDataset } from "../src/index.js";

type Pair = TensorDataset<[Tensor, Tensor]>;
interface Options {
  generator?: Generator;
  noise?: number;
}

/** Each set, with the shapes of its inputs and targets for n = 60; a new one joins with a row. */
const sets: Record<Exclude<keyof typeof synthetic, "glyphDigits">, { make: (n: number, options?: Options) => Pair; X: number[]; y: number[]; dtype: string }> = {
  linear: { make: (n, options) => synthetic.linear(n, { weights: [2, -1], ...options }), X: [60, 2], y: [60, 1], dtype: "float32" },
  twoMoons: { make: synthetic.twoMoons, X: [60, 2], y: [60], dtype: "int32" },
  spirals: { make: (n, options) => synthetic.spirals(n, { classes: 3, ...options }), X: [60, 2], y: [60], dtype: "int32" },
  circles: { make: synthetic.circles, X: [60, 2], y: [60], dtype: "int32" },
  blobs: { make: (n, { generator } = {}) => synthetic.blobs(n, generator === undefined ? {} : { generator }), X: [60, 2], y: [60], dtype: "int32" },
  xor: { make: synthetic.xor, X: [60, 2], y: [60], dtype: "int32" },
  checkerboard: { make: synthetic.checkerboard, X: [60, 2], y: [60], dtype: "int32" },
  sines: { make: (n, options) => synthetic.sines(n, { length: 20, ...options }), X: [60, 20, 1], y: [60, 20, 1], dtype: "float32" },
}; // prettier-ignore

const values = async (dataset: Pair): Promise<[number[], number[]]> => [
  Array.from(await dataset.tensors[0].data()),
  Array.from(await dataset.tensors[1].data()),
];

describe.each(Object.entries(sets))("%s", (name, { make, X, y, dtype }) => {
  test("gives inputs and targets of its shapes", () => {
    const dataset = make(60);
    expect(dataset.tensors.map((tensor) => tensor.shape)).toEqual([X, y]);
    expect(dataset.tensors.map((tensor) => tensor.dtype)).toEqual(["float32", dtype]);
    expect(dataset.length).toBe(60);
  });

  test("follows from its generator alone, or from manualSeed", async () => {
    const [a, b, c] = [5, 5, 6].map((seed) => make(60, { generator: new Generator(seed) }));
    expect(await values(a!)).toEqual(await values(b!));
    expect((await values(a!))[0]).not.toEqual((await values(c!))[0]);
    manualSeed(5);
    expect(await values(make(60))).toEqual(await values(a!));
  });

  test("refuses a count below 1 and unknown options", () => {
    expect(() => make(0)).toThrow(`${name}: n must be an integer of 1 or more, got 0`);
    if (name !== "blobs") {
      expect(() => make(3, { noize: 1 } as object)).toThrow(`${name}: unknown option "noize"`);
      expect(() => make(3, { noise: -1 })).toThrow(`${name}: noise must be a number of 0 or more, got -1`);
    }
  });
});

describe("without noise, points lie where the formula says", () => {
  const points = async (dataset: Pair): Promise<[x: number, y: number, label: number][]> => {
    const [X, y] = await values(dataset);
    return y.map((label, i) => [X[2 * i]!, X[2 * i + 1]!, label]);
  };

  test("twoMoons: on half circles around (0, 0) and (1, ½)", async () => {
    for (const [x, y, label] of await points(synthetic.twoMoons(50, { noise: 0 }))) {
      expect(label === 0 ? Math.hypot(x, y) : Math.hypot(x - 1, y - 0.5)).toBeCloseTo(1, 5);
      expect(label === 0 ? y >= -1e-6 : y <= 0.5 + 1e-6).toBe(true);
    }
  });

  test("circles: on radius 1 and factor", async () => {
    for (const [x, y, label] of await points(synthetic.circles(50, { noise: 0, factor: 0.3 })))
      expect(Math.hypot(x, y)).toBeCloseTo(label === 0 ? 1 : 0.3, 5);
  });

  test("spirals: the angle grows with the radius, the arms stand apart", async () => {
    for (const [x, y, label] of await points(synthetic.spirals(60, { noise: 0, classes: 3, turns: 1 }))) {
      const angle = 2 * Math.PI * (Math.hypot(x, y) + label / 3);
      expect(Math.cos(Math.atan2(y, x) - angle)).toBeCloseTo(1, 4);
    }
  });

  test("xor and checkerboard: classes by square", async () => {
    for (const [x, y, label] of await points(synthetic.xor(50))) expect(label).toBe(x * y < 0 ? 1 : 0);
    const cell = (u: number): number => Math.floor((u + 1) * 1.5);
    for (const [x, y, label] of await points(synthetic.checkerboard(50, { cells: 3 })))
      expect(label).toBe((cell(x) + cell(y)) % 2);
  });

  test("linear: y = X · weights + bias", async () => {
    const [X, y] = await values(synthetic.linear(20, { weights: [2, -1], bias: 4, noise: 0, range: [-1, 1] }));
    y.forEach((value, i) => expect(value).toBeCloseTo(2 * X[2 * i]! - X[2 * i + 1]! + 4, 5));
    expect(Math.min(...X)).toBeGreaterThanOrEqual(-1);
  });

  test("sines: the targets are the inputs one step on", async () => {
    const [X, y] = await values(synthetic.sines(3, { length: 10 }));
    for (let i = 0; i < 30; i++) if (i % 10 < 9) expect(y[i]).toBe(X[i + 1]);
  });

  test("blobs: at their centers for std 0, which must be points of one length", async () => {
    expect(await points(synthetic.blobs(3, { centers: [[1, 2], [3, 4]], std: 0 }))).toEqual([[1, 2, 0], [3, 4, 1], [1, 2, 0]]); // prettier-ignore
    expect(() => synthetic.blobs(3, { centers: [[1], [2, 3]] })).toThrow(
      "blobs: centers must be points of equal length",
    );
    expect(() => synthetic.blobs(3, { centers: [] })).toThrow("centers must be points");
  });
});

describe("glyphDigits", () => {
  const make = (options: object = {}) => synthetic.glyphDigits(40, { generator: new Generator(3), ...options });

  test("draws each digit in turn, values from 0 to 1", async () => {
    const dataset = make({ noise: 0.1 });
    const [images, digits] = dataset.getBatch([0, 1, 12, 39]);
    expect([images.shape, digits.shape]).toEqual([[4, 1, 28, 28], [4]]);
    expect(await digits.tolist()).toEqual([0, 1, 2, 9]);
    const pixels = await images.data();
    expect(pixels.every((value) => value >= 0 && value <= 1)).toBe(true);
    const [image, digit] = dataset.get(12);
    expect([image.shape, digit.shape]).toEqual([[1, 28, 28], []]);
    expect(Array.from(await image.data())).toEqual(Array.from(pixels.slice(2 * 784, 3 * 784)));
  });

  test("keeps the ink inside the image, and puts as much of it there as a digit takes", async () => {
    for (const fonts of [["round"], ["block"], ["hand"], ["book"]]) {
      const pixels = await make({ fonts })
        .getBatch(Array.from({ length: 40 }, (_, i) => i))[0]
        .data();
      for (let i = 0; i < 40; i++) {
        let ink = 0;
        for (let j = i * 784; j < (i + 1) * 784; j++) ink += pixels[j]!;
        expect(ink).toBeGreaterThan(20);
        expect(ink).toBeLessThan(260);
      }
    }
  });

  test("undistorted, draws a font as it is, the same each time; fonts differ", async () => {
    const plain = make({ distortion: 0, fonts: ["round"] });
    const bytes = async (index: number, dataset = plain) => Array.from(await dataset.get(index)[0].data());
    expect(await bytes(3)).toEqual(await bytes(13));
    expect(await bytes(3)).not.toEqual(await bytes(3, make({ distortion: 0, fonts: ["block"] })));
  });

  test("distorts anew in each pass, whatever the batches and their order; fixed ones stay", async () => {
    const images = async (dataset: synthetic.GlyphDigits, batchSize: number): Promise<number[]> => {
      const out: number[] = [];
      const loader = new DataLoader<[Tensor, Tensor]>(dataset, { batchSize });
      expectTypeOf([...loader]).toEqualTypeOf<[Tensor, Tensor][]>();
      manualSeed(1);
      for (let pass = 0; pass < 2; pass++) for (const [x] of loader) out.push(...(await x.data()));
      return out;
    };
    const fresh = await images(make(), 8);
    expect(await images(make(), 40)).toEqual(fresh);
    expect(fresh.slice(0, 784)).not.toEqual(fresh.slice(40 * 784, 41 * 784));
    const fixed = await images(make({ fixed: true }), 8);
    expect(fixed.slice(0, 40 * 784)).toEqual(fixed.slice(40 * 784));
    const backwards = new Subset(make({ fixed: true }), [39, 0]);
    expect(Array.from(await (await backwards.get(1))[0].data())).toEqual(fixed.slice(0, 784));
  });

  test("refuses unknown fonts, sizes too small to draw in, and unknown options", () => {
    expect(() => make({ fonts: ["comic"] })).toThrow("fonts must be some of round, block, hand, book, got");
    expect(() => make({ fonts: [] })).toThrow("fonts must be some of");
    expect(() => make({ size: 4 })).toThrow("glyphDigits: size must be an integer of 8 or more, got 4");
    expect(() => make({ seed: 4 })).toThrow('glyphDigits: unknown option "seed"');
    expect(() => make().get(40)).toThrow("glyphDigits: index 40 is out of range for 40 samples");
  });
});
