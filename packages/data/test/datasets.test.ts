import { arange, manualSeed, rand, type Tensor, ValueError } from "@downhill/core";
import { describe, expect, expectTypeOf, test } from "vitest";
import {
  bucketByLength,
  ChainDataset,
  ConcatDataset,
  DataLoader,
  type Dataset,
  DistributedSampler,
  IterableDataset,
  MapDataset,
  StackDataset,
  Subset,
  SubsetRandomSampler,
  TensorDataset,
  WeightedRandomSampler,
} from "../src/index.js";

const counting = (length: number, from = 0): Dataset<number> => ({ length, get: (index) => from + index });
const asIs = <T>(samples: T): T => samples;

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

describe("ConcatDataset", () => {
  test("puts datasets one behind the other, empty ones too", () => {
    const all = new ConcatDataset([counting(0), counting(3), counting(0), counting(2, 10), counting(0)]);
    expect([...new DataLoader(all, { batchSize: null })]).toEqual([0, 1, 2, 10, 11]);
    expect(all.get(-1)).toBe(11);
    expect(all.cumulativeSizes).toEqual([0, 3, 3, 5, 5]);
  });

  test("refuses what is no dataset, none at all, and indices beyond the end", () => {
    expect(() => new ConcatDataset([])).toThrow("ConcatDataset: needs at least one dataset");
    expect(() => new ConcatDataset([counting(1), [3] as never])).toThrow(
      "ConcatDataset: datasets[1]: a dataset has a length and a method get(index), got [3]",
    );
    expect(() => new ConcatDataset([counting(2)]).get(2)).toThrow("index 2 is out of range for 2 samples");
  });
});

describe("StackDataset", () => {
  test("puts datasets side by side, in arrays or under names", async () => {
    const [x, word] = [arange(3), ["a", "b", "c"]];
    const words: Dataset<string> = { length: 3, get: (index) => word[index]! };
    const named = new StackDataset({ x: new TensorDataset(x), word: words });
    for (const batch of new DataLoader(named, { batchSize: 2 })) {
      expectTypeOf(batch.word).toEqualTypeOf<string[]>();
      expectTypeOf(batch.x).toEqualTypeOf<[Tensor]>();
    }
    const batches = [...new DataLoader(named, { batchSize: 2 })];
    expect(batches.map((batch) => batch.word)).toEqual([["a", "b"], ["c"]]);
    expect(await batches[1]!.x[0].tolist()).toEqual([2]);
    const placed = new StackDataset([counting(2), words2()]);
    expect([placed.get(0), placed.get(-1)]).toEqual([
      [0, "0"],
      [1, "1"],
    ]);
  });

  test("gathers what can be gathered, and waits where a part has to be waited for", async () => {
    const asked: unknown[] = [];
    const gathering: Dataset<number> = {
      length: 4,
      get: () => expect.fail("get is not needed"),
      getBatch: (indices) => (asked.push(indices), rand([indices.length])),
    };
    const slow: Dataset<number> = { length: 4, get: (index) => Promise.resolve(index) };
    const batches = await collect(new DataLoader(new StackDataset([gathering, slow]), { batchSize: 3 }));
    expect(asked).toEqual([[0, 1, 2], [3]]);
    expect(await batches[1]![1].tolist()).toEqual([3]);
  });

  test("refuses datasets of different lengths", () => {
    expect(() => new StackDataset([counting(2), counting(3)])).toThrow(
      "StackDataset: the datasets have different lengths: 2, 3",
    );
    expect(() => new StackDataset(counting(2) as never)).toThrow(ValueError);
    expect(() => new StackDataset([])).toThrow("needs at least one dataset");
  });
});

const words2 = (): Dataset<string> => ({ length: 2, get: (index) => String(index) });

describe("MapDataset", () => {
  test("applies a function when a sample is asked for", async () => {
    const asked: number[] = [];
    const squares = new MapDataset(counting(4), (x) => (asked.push(x), x * x));
    expect([squares.get(3), squares.get(-1), squares.get(1)]).toEqual([9, 9, 1]);
    expect(asked).toEqual([3, 3, 1]);
    const slow = new MapDataset({ length: 2, get: (index: number) => Promise.resolve(index) }, async (x) =>
      Promise.resolve(`${x}`),
    );
    expect(await slow.get(1)).toBe("1");
    expect(() => new MapDataset(counting(1), 3 as never)).toThrow(
      "the transform must be a function of a sample, got 3",
    );
  });

  test("draws by the pass and the index alone: order, batch size and wrappers change nothing", () => {
    const noisy = new MapDataset(counting(20), (x, random) => [x, random.random53()]);
    const drawn = (options: object, dataset: Dataset<number[]> = noisy): Map<number, number> => {
      manualSeed(3);
      const loader = new DataLoader<number[], number, number[][]>(dataset, { ...options, collate: asIs });
      return new Map([...loader].flat() as unknown as [number, number][]);
    };
    const expected = drawn({ batchSize: 4 });
    expect(expected.size).toBe(20);
    expect(new Set(expected.values()).size).toBe(20);
    const backwards = Array.from({ length: 20 }, (_, i) => 19 - i);
    expect(drawn({ batchSize: 7, sampler: backwards })).toEqual(expected);
    expect(drawn({ batchSize: 3 }, new Subset(noisy, backwards))).toEqual(expected);
    expect(drawn({ batchSize: 3 }, new ConcatDataset([noisy]))).toEqual(expected);
  });

  test("draws anew in each pass, the same again after the same seed, and where a pass goes on", () => {
    const noisy = new MapDataset(counting(6), (_, random) => random.random53());
    const loader = new DataLoader<number, number, number[]>(noisy, { batchSize: 2, shuffle: true, collate: asIs });
    manualSeed(8);
    const [first, second] = [[...loader], [...loader]];
    expect(first).not.toEqual(second);
    manualSeed(8);
    expect([[...loader], [...loader]]).toEqual([first, second]);
    manualSeed(8);
    for (const _ of loader) break;
    const state = loader.stateDict();
    const other = new DataLoader<number, number, number[]>(noisy, { batchSize: 2, shuffle: true, collate: asIs });
    other.loadStateDict(state);
    expect([...other]).toEqual(first.slice(1));
  });

  test("knows the types of its samples", () => {
    const scaled = new MapDataset(new TensorDataset(rand([3, 2]), rand([3])), ([x, y]) => ({ x: x.mul(2), y }));
    expectTypeOf(scaled).toEqualTypeOf<MapDataset<[Tensor, Tensor], { x: Tensor; y: Tensor }>>();
    expect((scaled.get(1) as { x: Tensor }).x.shape).toEqual([2]);
  });

  test("within another draws other numbers than that one", () => {
    const inner = new MapDataset(counting(1), (_, random) => random.random53());
    const outer = new MapDataset(inner, (x, random) => [x, random.random53()]);
    const [a, b] = outer.get(0) as number[];
    expect(a).not.toBe(b);
  });
});

describe("IterableDataset", () => {
  const later = async function* (length: number): AsyncGenerator<number> {
    for (let i = 0; i < length; i++) yield Promise.resolve(i);
  };

  test("is batched in its own order, at once or after a wait", async () => {
    const now = new IterableDataset(() => [0, 1, 2, 3, 4], { length: 5 });
    const loader = new DataLoader(now, { batchSize: 2 });
    expect(loader.length).toBe(3);
    expect(await Promise.all([...loader].map((batch) => batch.tolist()))).toEqual([[0, 1], [2, 3], [4]]);
    const slow = new IterableDataset(() => later(5));
    const waited = new DataLoader(slow, { batchSize: 2, dropLast: true, collate: asIs });
    expect(await collect(waited)).toEqual([[0, 1], [2, 3]]); // prettier-ignore
    expect(await collect(new DataLoader(slow, { batchSize: null }))).toEqual([0, 1, 2, 3, 4]);
    expect(() => [...waited]).toThrow("have to be waited for, which a plain for cannot do");
    expect(() => [...slow]).toThrow("have to be waited for");
    expect(() => waited.length).toThrow("DataLoader: the IterableDataset has no length");
  });

  test("goes on in the midst of a pass, with the very next batch", async () => {
    for (const source of [(): Iterable<number> => [0, 1, 2, 3, 4], (): AsyncIterable<number> => later(5)]) {
      const make = () => new DataLoader(new IterableDataset<number>(source), { batchSize: 2, collate: asIs });
      const one = make();
      for await (const _ of one) break;
      const two = make();
      two.loadStateDict(one.stateDict());
      expect(await collect(two)).toEqual([[2, 3], [4]]);
      expect(await collect(two)).toEqual([[0, 1], [2, 3], [4]]);
    }
  });

  test("is closed when the loop is left", async () => {
    let closed = 0;
    const endless = new IterableDataset(async function* () {
      try {
        for (let i = 0; ; i++) yield await Promise.resolve(i);
      } finally {
        closed++;
      }
    });
    for await (const _ of new DataLoader(endless, { batchSize: 2 })) break;
    expect(closed).toBe(1);
  });

  test("refuses samplers and shuffling, as in PyTorch, and iterators that one pass uses up", () => {
    const dataset = new IterableDataset([1, 2]);
    for (const options of [{ shuffle: true }, { sampler: [0] }, { batchSampler: [[0]] }]) {
      expect(() => new DataLoader(dataset, options)).toThrow("an IterableDataset has an order of its own");
    }
    expect(() => new IterableDataset([1][Symbol.iterator]())).toThrow("is an iterator, which is used up");
    expect(() => new IterableDataset(3 as never)).toThrow("IterableDataset: expects an iterable of samples");
    expect(() => [...new IterableDataset(() => 3 as never)]).toThrow("it gave 3");
    expect(() => new IterableDataset([], { length: -1 })).toThrow("length must be an integer of 0 or more");
  });

  test("chained, gives one after the other, and has a length where all have", async () => {
    const [a, b] = [new IterableDataset([1, 2], { length: 2 }), new IterableDataset([3], { length: 1 })];
    const chain = new ChainDataset([a, b]);
    expect([[...chain], [...chain], chain.length]).toEqual([[1, 2, 3], [1, 2, 3], 3]); // prettier-ignore
    const mixed = new ChainDataset<number>([a, new IterableDataset(() => later(2))]);
    expect([await collect(mixed), mixed.length]).toEqual([[1, 2, 0, 1], undefined]);
    expect(() => new ChainDataset([counting(2) as never])).toThrow("datasets[0] must be an IterableDataset");
  });
});

describe("samplers", () => {
  test("bucketByLength gives each sample once, in batches of like length", () => {
    const lengths = Array.from({ length: 103 }, (_, i) => (i * 37) % 50);
    const sampler = bucketByLength(lengths, { batchSize: 8, pool: 5 });
    manualSeed(1);
    const [one, two] = [[...sampler], [...sampler]];
    expect(one).not.toEqual(two);
    expect(one.length).toBe(sampler.length);
    expect(one.flat().sort((a, b) => a - b)).toEqual(lengths.map((_, i) => i));
    const spread = (batches: number[][]): number =>
      batches.reduce((sum, batch) => sum + Math.max(...batch.map((i) => lengths[i]!)) - Math.min(...batch.map((i) => lengths[i]!)), 0); // prettier-ignore
    // Batches at random would spread over some 40 each; a pool of five holds 40 samples of 50 lengths.
    expect(spread(one) / one.length).toBeLessThan(20);
    expect(bucketByLength(lengths, { batchSize: 8, dropLast: true }).length).toBe(12);
    expect([...bucketByLength([3, 1, 2], { batchSize: 2, shuffle: false })]).toEqual([[1, 2], [0]]);
    expect(() => bucketByLength(3 as never, { batchSize: 2 })).toThrow("lengths must be an array of numbers, got 3");
  });

  test("refuse what PyTorch refuses", () => {
    expect(() => new WeightedRandomSampler([1], 0)).toThrow("numSamples must be an integer of 1 or more, got 0");
    expect(() => new WeightedRandomSampler([1], 2, { replacement: false })).toThrow("cannot draw 2 of 1 samples");
    expect(() => [...new WeightedRandomSampler([-1, 2], 1)]).toThrow("weights must be finite and at least 0, got -1");
    expect(() => new WeightedRandomSampler(rand([3]) as never, 1)).toThrow("await weights.data() gives them");
    expect(() => new SubsetRandomSampler(3 as never)).toThrow("indices must be an array of numbers, got 3");
    const distributed = (options: object) => () => new DistributedSampler(counting(5), options as never);
    expect(distributed({ numReplicas: 2, rank: 2 })).toThrow("DistributedSampler: rank must be from 0 to 1, got 2");
    expect(distributed({ rank: 0 })).toThrow("numReplicas must be an integer of 1 or more, got undefined");
    expect(distributed({ numReplicas: 2, rank: 0, shuffle: "no" })).toThrow("shuffle must be true or false");
  });

  test("distributed, share a dataset: together they give each sample", () => {
    const parts = [0, 1, 2].map((rank) => [...new DistributedSampler(counting(10), { numReplicas: 3, rank })]);
    expect(parts.map((part) => part.length)).toEqual([4, 4, 4]);
    expect(new Set(parts.flat()).size).toBe(10);
  });
});
