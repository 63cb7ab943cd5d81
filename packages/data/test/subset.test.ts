import { Generator, IndexError, rand, type Tensor, ValueError } from "@downhill/core";
import { describe, expect, expectTypeOf, test } from "vitest";
import { DataLoader, type Dataset, randomSplit, Subset, TensorDataset } from "../src/index.js";

const squares: Dataset<number> = { length: 10, get: (index) => index * index };

describe("Subset", () => {
  test("gives the samples that its indices name, in their order", () => {
    const subset = new Subset(squares, [3, 9, 3]);
    expect(subset.length).toBe(3);
    expect([subset.get(0), subset.get(1), subset.get(2), subset.get(-1)]).toEqual([9, 81, 9, 9]);
  });

  test("takes typed arrays, and indices from the end", () => {
    expect(new Subset(squares, Int32Array.of(-1, 2)).get(0)).toBe(81);
  });

  test("of a subset, and of a dataset whose samples have to be waited for", async () => {
    const slow: Dataset<number> = { length: 10, get: (index) => Promise.resolve(index) };
    expect(await new Subset(new Subset(slow, [5, 6, 7]), [2, 0]).get(0)).toBe(7);
  });

  test("gathers its batches in one go where its dataset does, and else collates", async () => {
    const x = rand([5, 2]);
    const rows = (await x.tolist()) as number[][];
    const asked: (readonly number[])[] = [];
    class Watched extends TensorDataset<[Tensor]> {
      override getBatch(indices: readonly number[]) {
        asked.push(indices);
        return super.getBatch(indices);
      }
    }
    const [batch] = await new Subset(new Watched(x), [4, 2, 0]).getBatch([0, 2]);
    expect(await batch.tolist()).toEqual([rows[4], rows[0]]);
    expect(asked).toEqual([[4, 0]]);
    expect(await (await new Subset(squares, [4, 2, 0]).getBatch([1, 0])).tolist()).toEqual([4, 16]);
  });

  test("refuses indices that its dataset does not have, and what is no array", () => {
    expect(() => new Subset(squares, [0, 10])).toThrow(IndexError);
    expect(() => new Subset(squares, [0, 10])).toThrow("Subset: indices[1]: index 10 is out of range for 10 samples");
    expect(() => new Subset(squares, 3 as unknown as number[])).toThrow(
      "Subset: indices must be an array of numbers, got 3",
    );
    expect(() => new Subset(squares, [1]).get(1)).toThrow("Subset: index 1 is out of range for 1 samples");
    expect(() => new Subset([4, 5] as unknown as Dataset<number>, [1])).toThrow(
      "Subset: a dataset has a length and a method get(index), got [4, 5]",
    );
  });
});

describe("randomSplit", () => {
  test("cuts the dataset into parts that together hold each sample once", () => {
    const parts = randomSplit(squares, [6, 3, 1]);
    expectTypeOf(parts).toEqualTypeOf<[Subset<number>, Subset<number>, Subset<number>]>();
    const [train, test_, rest] = parts;
    expect([train.length, test_.length, rest.length]).toEqual([6, 3, 1]);
    const all = parts.flatMap((part) => Array.from(part.indices));
    expect(all.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test("gives equal parts for equal generators", () => {
    const split = () => randomSplit(squares, [0.5, 0.5], { generator: new Generator(1) }).map((part) => part.indices);
    expect(split()).toEqual(split());
  });

  test("gives parts that a loader loads", () => {
    const [train] = randomSplit(new TensorDataset(rand([10, 3])), [0.8, 0.2]);
    const shapes: unknown[] = [];
    for (const [x] of new DataLoader(train, { batchSize: 5 })) shapes.push(x.shape);
    expect(shapes).toEqual([[5, 3], [3, 3]]); // prettier-ignore
  });

  test("takes fractions that miss 1 by rounding, above it too", () => {
    const parts = [0.2, 0.4, 0.3, 0.1]; // from left to right 1.0000000000000002
    expect(parts.reduce((a, b) => a + b, 0)).toBeGreaterThan(1);
    expect(randomSplit(squares, parts).map((part) => part.length)).toEqual([2, 4, 3, 1]);
  });

  test("refuses lengths that do not sum to the dataset's, naming both sums", () => {
    expect(() => randomSplit(squares, [3, 4])).toThrow(ValueError);
    expect(() => randomSplit(squares, [3, 4])).toThrow(
      "randomSplit: the lengths [3, 4] sum to 7, the dataset has 10 samples",
    );
    expect(() => randomSplit(squares, [])).toThrow("the lengths [] sum to 0, the dataset has 10 samples");
    expect(() => randomSplit(squares, [0.5, 0.4])).toThrow(
      "randomSplit: fractions must sum to 1, [0.5, 0.4] sum to 0.9",
    );
    expect(() => randomSplit(squares, [2.5, 7.5])).toThrow("fractions must sum to 1");
  });

  test("refuses negative, missing and nonsensical lengths, and unknown options", () => {
    expect(() => randomSplit(squares, [11, -1])).toThrow("none negative, got [11, -1]");
    expect(() => randomSplit(squares, [Number.NaN, 1])).toThrow("none negative, got [NaN, 1]");
    expect(() => randomSplit(squares, 0.8 as unknown as number[])).toThrow(
      "lengths must be an array of counts or fractions",
    );
    const options = (given: object) => () => randomSplit(squares, [10], given);
    expect(options({ seed: 3 })).toThrow('randomSplit: unknown option "seed"\n  hint: it takes generator');
    expect(options({ generator: 42 })).toThrow("randomSplit: generator must be a Generator, got 42");
  });
});

test("randomSplit says where a generator goes", () => {
  expect(() => randomSplit(squares, [5, 5], new Generator(3) as never)).toThrow(
    /got a Generator\n {2}hint: pass { generator }/,
  );
});
