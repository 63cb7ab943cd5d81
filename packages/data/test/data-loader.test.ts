import { arange, defaultDevice, Generator, manualSeed, rand, type Tensor, ValueError } from "@downhill/core";
import { describe, expect, expectTypeOf, test } from "vitest";
import {
  BatchSampler,
  DataLoader,
  type Dataset,
  progress,
  RandomSampler,
  SequentialSampler,
  TensorDataset,
} from "../src/index.js";

const later = <T>(value: T): Promise<T> => new Promise((resolve) => setTimeout(resolve, 1, value));
const counting = (length: number): Dataset<number> => ({ length, get: (index) => index });
const slow = (length: number): Dataset<number> => ({ length, get: (index) => later(index) });
const asIs = <T>(samples: T): T => samples;

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

describe("a DataLoader", () => {
  test("gives batches of rows, the last one shorter, in for await and in a plain for", async () => {
    const X = rand([5, 2]);
    const y = rand([5]);
    const rows = (await X.tolist()) as number[][];
    const loader = new DataLoader(new TensorDataset(X, y), { batchSize: 2 });
    expect(loader.length).toBe(3);
    const waited: Tensor[] = [];
    for await (const [batchX, batchY] of loader) {
      expectTypeOf(batchX).toEqualTypeOf<Tensor>();
      expect(batchY.shape).toEqual([batchX.shape[0]]);
      waited.push(batchX);
    }
    const plain = [...loader].map(([batchX]) => batchX);
    for (const batches of [waited, plain]) {
      expect(batches.map((batch) => batch.shape)).toEqual([[2, 2], [2, 2], [1, 2]]); // prettier-ignore
      expect((await Promise.all(batches.map((batch) => batch.tolist()))).flat()).toEqual(rows);
    }
  });

  test("takes one sample per batch unless told otherwise", () => {
    const loader = new DataLoader(new TensorDataset(rand([3, 2])));
    expect(loader.batchSize).toBe(1);
    expect([...loader].map(([x]) => x.shape)).toEqual([[1, 2], [1, 2], [1, 2]]); // prettier-ignore
  });

  test("collates samples by default, each type into its own", async () => {
    const dataset = { length: 2, get: (index: number) => ({ value: index / 2, name: `n${index}` }) };
    for (const batch of new DataLoader(dataset, { batchSize: 2 })) {
      expectTypeOf(batch).toEqualTypeOf<{ value: Tensor; name: string[] }>();
      expect(await batch.value.tolist()).toEqual([0, 0.5]);
      expect(batch.name).toEqual(["n0", "n1"]);
    }
  });

  test("gives the samples one by one for batchSize: null, with tensors for typed arrays", async () => {
    const dataset = { length: 2, get: (index: number) => [index, Float32Array.of(index)] as [number, Float32Array] };
    const samples = [...new DataLoader(dataset, { batchSize: null })];
    expectTypeOf(samples).toEqualTypeOf<[number, Tensor][]>();
    expect(samples.map(([index]) => index)).toEqual([0, 1]);
    expect(await samples[1]![1].tolist()).toEqual([1]);
  });

  test("hands samples to a collate of the caller's, gathered data too", async () => {
    const sums = new DataLoader(counting(5), { batchSize: 2, collate: (samples) => samples.reduce((a, b) => a + b) });
    expectTypeOf([...sums]).toEqualTypeOf<number[]>();
    expect([...sums]).toEqual([1, 5, 4]);
    const dataset = new TensorDataset(rand([4, 3]));
    const counted = new DataLoader(dataset, { batchSize: 4, collate: (samples) => samples.map(([x]) => x.shape) });
    expect([...counted]).toEqual([[[3], [3], [3], [3]]]); // prettier-ignore
    const doubled = new DataLoader(counting(2), { batchSize: null, collate: (sample) => 2 * sample });
    expect([...doubled]).toEqual([0, 2]);
    const waiting = new DataLoader(counting(3), { batchSize: 3, collate: async (samples) => later(samples.length) });
    expectTypeOf(await collect(waiting)).toEqualTypeOf<number[]>();
    expect(await collect(waiting)).toEqual([3]);
  });

  test("asks a dataset that can gather for whole batches only", async () => {
    const asked: unknown[] = [];
    const dataset: Dataset<number> = {
      length: 5,
      get: () => expect.fail("get is not needed"),
      getBatch: (indices) => {
        asked.push(indices);
        return rand([indices.length]);
      },
    };
    expect([...new DataLoader(dataset, { batchSize: 3 })].map((batch) => batch.shape)).toEqual([[3], [2]]);
    expect(asked).toEqual([[0, 1, 2], [3, 4]]); // prettier-ignore
    const remote: Dataset<number> = { ...dataset, getBatch: async (indices) => later(rand([indices.length])) };
    expect((await collect(new DataLoader(remote, { batchSize: 3 }))).map((batch) => batch.shape)).toEqual([[3], [2]]);
  });

  test("calls the get of a class that extends one that gathers", async () => {
    class Shifted extends TensorDataset<[Tensor]> {
      override get(index: number): [Tensor] {
        return [super.get(index)[0].add(100)];
      }
    }
    const loader = new DataLoader(new Shifted(arange(4)), { batchSize: 2 });
    expect(await Promise.all([...loader].map(([x]) => x.tolist()))).toEqual([
      [100, 101],
      [102, 103],
    ]);
  });

  test("takes samplers of the caller's: arrays, typed arrays, generator functions, objects", () => {
    const orders = [
      [4, 1],
      Int32Array.of(4, 1),
      function* () {
        yield* [4, 1];
      },
      new Set([4, 1]),
      { *[Symbol.iterator]() { yield* [4, 1]; } }, // prettier-ignore
    ];
    for (const sampler of orders) {
      const loader = new DataLoader(counting(5), { sampler, batchSize: null });
      expect([[...loader], [...loader]]).toEqual([[4, 1], [4, 1]]); // prettier-ignore
    }
    const batches = [[0, 1], Int32Array.of(2)];
    expect([...new DataLoader(counting(5), { batchSampler: batches, collate: asIs })]).toEqual([[0, 1], [2]]);
  });

  test("shows what it works with, under PyTorch's names", () => {
    const dataset = counting(10);
    const generator = new Generator(1);
    const shuffled = new DataLoader(dataset, { batchSize: 4, shuffle: true, dropLast: true, generator });
    expect(shuffled.sampler).toBeInstanceOf(RandomSampler);
    expect(shuffled.batchSampler).toBeInstanceOf(BatchSampler);
    expect(shuffled).toMatchObject({ dataset, batchSize: 4, dropLast: true, generator, length: 2 });
    const single = new DataLoader(dataset, { batchSize: null });
    expect(single.sampler).toBeInstanceOf(SequentialSampler);
    expect(single).toMatchObject({ batchSize: null, batchSampler: null, dropLast: false, length: 10 });
    expect(new DataLoader(dataset, { batchSampler: [[1]] })).toMatchObject({ batchSize: null, length: 1 });
  });

  test("of an empty dataset gives no batch, in order; shuffled it is an error, as in PyTorch", () => {
    expect([...new DataLoader(counting(0), { batchSize: 3 })]).toEqual([]);
    expect(new DataLoader(counting(0)).length).toBe(0);
    expect(() => new DataLoader(counting(0), { shuffle: true })).toThrow(
      "got 0, of 0 samples\n  hint: the dataset is empty",
    );
  });

  test("is one pass per loop: two at the same time do not disturb each other", async () => {
    const loader = new DataLoader(counting(6), { batchSize: 2, shuffle: true, collate: asIs });
    manualSeed(4);
    const [a, b] = [loader[Symbol.iterator](), loader[Symbol.asyncIterator]()];
    const mixed: unknown[][] = [[], []];
    for (let i = 0; i < 3; i++) {
      mixed[0]!.push(a.next().value);
      mixed[1]!.push((await b.next()).value);
    }
    expect(mixed[0]!.flat().sort()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(mixed[1]!.flat().sort()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(mixed[0]).not.toEqual(mixed[1]);
  });

  test("draws in for await what it draws in a plain for", async () => {
    const loader = new DataLoader(counting(7), { batchSize: 3, shuffle: true, collate: asIs });
    manualSeed(9);
    const plain = [[...loader], [...loader]];
    manualSeed(9);
    expect([await collect(loader), await collect(loader)]).toEqual(plain);
  });

  test("closes its sampler when the loop is left", async () => {
    let closed = 0;
    function* sampler(): IterableIterator<number> {
      try {
        for (let i = 0; ; i++) yield i;
      } finally {
        closed++;
      }
    }
    const loader = new DataLoader(counting(9), { sampler, batchSize: 2 });
    for (const _ of loader) break;
    for await (const _ of loader) break;
    expect(closed).toBe(2);
  });

  test("shows its length to progress, and goes without where the sampler has none", () => {
    const totals: unknown[] = [];
    const watch = (loader: DataLoader<number>): void => {
      for (const _ of progress(loader, { stream: null, onProgress: ({ total }) => totals.push(total) })) break;
    };
    watch(new DataLoader(counting(9), { batchSize: 2 }));
    watch(new DataLoader(counting(9), { batchSize: 2, sampler: new Set([1, 2]) }));
    expect(totals).toEqual([5, undefined]);
    expect(() => new DataLoader(counting(9), { sampler: new Set([1, 2]) }).length).toThrow(
      "BatchSampler: the sampler has no length",
    );
  });
});

describe("samples that have to be waited for", () => {
  test("are loaded in order; those of one batch at the same time", async () => {
    let open = 0;
    let most = 0;
    const dataset: Dataset<number> = {
      length: 5,
      async get(index) {
        most = Math.max(most, ++open);
        await later(0);
        open--;
        return index;
      },
    };
    expect(await collect(new DataLoader(dataset, { batchSize: 3, collate: asIs }))).toEqual([[0, 1, 2], [3, 4]]); // prettier-ignore
    expect(most).toBe(3);
  });

  test("are loaded when they are asked for, not ahead of the loop", async () => {
    const asked: number[] = [];
    const dataset: Dataset<number> = { length: 6, get: (index) => (asked.push(index), later(index)) };
    for await (const _ of new DataLoader(dataset, { batchSize: 2 })) break;
    expect(asked).toEqual([0, 1]);
  });

  test("may stand beside samples that are there", async () => {
    const mixed: Dataset<number> = { length: 4, get: (index) => (index % 2 ? later(index) : index) };
    expect(await collect(new DataLoader(mixed, { batchSize: 2, collate: asIs }))).toEqual([[0, 1], [2, 3]]); // prettier-ignore
    expect(await collect(new DataLoader(mixed, { batchSize: null }))).toEqual([0, 1, 2, 3]);
  });

  test("are an error in a plain for, which names the way out", () => {
    const message = "which a plain for cannot wait for\n  hint: write for await (const batch of loader)";
    expect(() => [...new DataLoader(slow(5), { batchSize: 2 })]).toThrow(ValueError);
    expect(() => [...new DataLoader(slow(5), { batchSize: 2 })]).toThrow(
      `DataLoader: what it loads for index [0, 1] comes as a Promise, ${message}`,
    );
    expect(() => [...new DataLoader(slow(5), { batchSize: null })]).toThrow(
      `for index 0 comes as a Promise, ${message}`,
    );
    expect(() => [...new DataLoader(counting(5), { collate: async (x) => later(x) })]).toThrow(message);
  });

  test("that fail end a for await with their error, and a plain for with its own", async () => {
    const failing: Dataset<number> = { length: 3, get: (index) => Promise.reject(new RangeError(`no file ${index}`)) };
    await expect(collect(new DataLoader(failing, { batchSize: 3 }))).rejects.toThrow(new RangeError("no file 0"));
    expect(() => [...new DataLoader(failing)]).toThrow("which a plain for cannot wait for");
    await later(0); // an unhandled rejection would fail the test run
  });
});

describe("a DataLoader refuses", () => {
  const make = (options: object) => () => new DataLoader(counting(5), options);

  test.each([0, -1, 2.5, Number.NaN, Infinity, "10", true, 3n])("a batchSize of %s", (batchSize) => {
    expect(make({ batchSize })).toThrow(/^DataLoader: batchSize must be an integer of 1 or more, got /);
    expect(make({ batchSize })).toThrow(ValueError);
  });

  test("unknown options, naming those it takes", () => {
    expect(make({ batch_size: 3 })).toThrow(
      'DataLoader: unknown option "batch_size"\n  hint: it takes batchSize, shuffle, sampler, batchSampler, dropLast, generator, collate, device, prefetchFactor, numWorkers, worker, workerData, persistentWorkers, inOrder, timeout',
    );
    // @ts-expect-error -- TypeScript refuses it too
    expect(() => new DataLoader(counting(5), { pinMemory: true })).toThrow('unknown option "pinMemory"');
    expect(make([] as object)).toThrow("DataLoader: options must be an object, got []");
  });

  test("options that exclude each other, naming them", () => {
    expect(make({ sampler: [1], shuffle: true })).toThrow(
      "DataLoader: sampler and shuffle: true exclude each other\n  hint: the sampler gives the order",
    );
    expect(make({ batchSampler: [[1]], batchSize: 2, dropLast: true })).toThrow(
      "DataLoader: batchSampler excludes batchSize, shuffle, sampler and dropLast; got batchSize and dropLast too",
    );
    expect(make({ batchSize: null, dropLast: true })).toThrow(
      "DataLoader: batchSize: null and dropLast: true exclude each other",
    );
  });

  test("values of the wrong kind", () => {
    expect(make({ shuffle: "yes" })).toThrow('DataLoader: shuffle must be true or false, got "yes"');
    expect(make({ dropLast: 1 })).toThrow("DataLoader: dropLast must be true or false, got 1");
    expect(make({ generator: 42 })).toThrow(
      "DataLoader: generator must be a Generator, got 42\n  hint: generator: new Generator(42)",
    );
    expect(make({ collate: "stack" })).toThrow(
      'DataLoader: collate must be a function of an array of samples, got "stack"',
    );
    expect(make({ sampler: 3 })).toThrow(
      "DataLoader: sampler must be an iterable of indices or a generator function, got 3",
    );
    expect(make({ sampler: [1, 2].values() })).toThrow(
      "DataLoader: sampler is an iterator, which is used up by the first pass",
    );
    expect(() => [...make({ batchSampler: [1, 2] })()]).toThrow(
      "DataLoader: batchSampler must give an array of indices for each batch, got 1\n  hint: a sampler of single indices is the option `sampler`",
    );
  });

  test("what is no dataset", () => {
    const of = (dataset: unknown) => () => new DataLoader(dataset as Dataset<number>);
    expect(of(rand([3, 2]))).toThrow(
      "DataLoader: a dataset has a length and a method get(index), got Tensor([3, 2])\n  hint: tensors go into new TensorDataset(X, y)",
    );
    expect(of([1, 2])).toThrow(
      "got [1, 2]\n  hint: { length: list.length, get: (i) => list[i] } makes a dataset of an array",
    );
    expect(of({ length: 2.5, get: () => 1 })).toThrow("got {length, get}");
    expect(of(undefined)).toThrow("got undefined");
  });

  test("indices that the dataset does not have, before anything is computed", () => {
    const loader = new DataLoader(new TensorDataset(rand([3])), { sampler: [0, 3], batchSize: 2 });
    const { programs } = defaultDevice();
    const runs = programs.compiled + programs.reused;
    expect(() => [...loader]).toThrow("TensorDataset: index 3 is out of range for 3 samples");
    expect(programs.compiled + programs.reused).toBe(runs);
  });
});
