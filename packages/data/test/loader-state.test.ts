import { defaultGenerator, Generator, manualSeed, rand, type Tensor } from "@downhill/core";
import { describe, expect, it, test } from "vitest";
import {
  BatchSampler,
  DataLoader,
  type DataLoaderOptions,
  RandomSampler,
  sequential,
  TensorDataset,
} from "../src/index.js";

const n = 23;
const X = rand([n, 1]).mul(0).add(0);
const numbers = { length: n, get: (index: number): number => index };
const asIs = (samples: number[]): number[] => samples;

type Options = Omit<DataLoaderOptions<number, number, number[]>, "collate">;

/** Each makes the same loader anew, with generators of its own where it has any. */
const kinds: Record<string, () => Options> = {
  "in order": () => ({ batchSize: 4 }),
  shuffled: () => ({ batchSize: 4, shuffle: true }),
  "one by one": () => ({ shuffle: true }),
  "without the last": () => ({ batchSize: 4, shuffle: true, dropLast: true }),
  "with a generator": () => ({ batchSize: 4, shuffle: true, generator: new Generator(7) }),
  "with a sampler that has a generator": () => ({
    batchSize: 4,
    sampler: new RandomSampler(numbers, { generator: new Generator(3), replacement: true, numSamples: 70 }),
  }),
  "with several rounds": () => ({ batchSize: 4, sampler: new RandomSampler(numbers, { numSamples: 60 }) }),
  "with a batchSampler": () => ({
    batchSampler: new BatchSampler(new RandomSampler(numbers, { generator: new Generator(5) }), 6, false),
  }),
  "with batches loaded ahead": () => ({ batchSize: 4, shuffle: true, prefetchFactor: 3 }),
  "ahead of a generator that draws as it goes": () => ({
    batchSize: 4,
    prefetchFactor: 2,
    sampler: new RandomSampler(numbers, { generator: new Generator(3), replacement: true, numSamples: 70 }),
  }),
  "with a generator function": () => ({ batchSize: 5, sampler: () => sequential(n) }),
};

const loaderOf = (options: Options): DataLoader<number, number, number[]> =>
  new DataLoader<number, number, number[]>(numbers, { ...options, collate: asIs });

/** What a program goes through: three passes, with a draw of its own after each batch. */
async function* run(loader: AsyncIterable<number[]>, passes: number): AsyncGenerator<[number[], number]> {
  for (let pass = 0; pass < passes; pass++)
    for await (const batch of loader) yield [batch, defaultGenerator.random32()];
}

describe("a loader that loads the state of another goes on with the very next batch", () => {
  for (const [name, kind] of Object.entries(kinds)) {
    it(name, async () => {
      manualSeed(1);
      const whole: unknown[] = [];
      for await (const item of run(loaderOf(kind()), 3)) whole.push(item);
      const perPass = whole.length / 3;

      for (const stop of [1, 2, perPass - 1, perPass, perPass + 1, 2 * perPass, 2 * perPass + 3]) {
        manualSeed(1);
        const first = loaderOf(kind());
        const seen: unknown[] = [];
        for await (const item of run(first, 3)) {
          seen.push(item);
          if (seen.length === stop) break;
        }
        const state = first.stateDict();
        const random = defaultGenerator.getState();

        manualSeed(99); // another process, which has drawn other things
        const second = loaderOf(kind());
        defaultGenerator.setState(random);
        second.loadStateDict(structuredClone(state));
        expect(second.stateDict()).toEqual(state);
        const left = 3 - Math.ceil(stop / perPass) + 1; // the pass that it stands in, if only at its end
        for await (const item of run(second, left)) seen.push(item);
        expect(seen, `stopped after ${stop}`).toEqual(whole);
      }
    });
  }
});

test("between passes there is no position, and the state is that of a new loader", async () => {
  const loader = loaderOf({ batchSize: 4, shuffle: true });
  const fresh = loader.stateDict();
  expect(fresh).toEqual({ position: null, early: [], start: [], generators: [], length: n, batchSize: 4, streams: 1 });
  for await (const _ of loader);
  expect(loader.stateDict()).toEqual(fresh);
  for (const _ of loader) break;
  expect(loader.stateDict().position).toBe(1);
  for (const _ of loader);
  expect(loader.stateDict()).toEqual(fresh);
});

test("a batch on its way does not count: a state taken meanwhile gives it again", async () => {
  const slow = { length: 6, get: (index: number): Promise<number> => Promise.resolve(index) };
  const loader = new DataLoader<number, number, number[]>(slow, { batchSize: 2, collate: asIs });
  const pass = loader[Symbol.asyncIterator]();
  await pass.next();
  const coming = pass.next();
  const state = loader.stateDict();
  expect((await coming).value).toEqual([2, 3]);
  expect(state.position).toBe(1);
  const other = new DataLoader<number, number, number[]>(slow, { batchSize: 2, collate: asIs });
  other.loadStateDict(state);
  const rest: number[][] = [];
  for await (const batch of other) rest.push(batch);
  expect(rest).toEqual([[2, 3], [4, 5]]); // prettier-ignore
});

test("the skipped batches are not loaded", () => {
  const asked: number[] = [];
  const dataset = { length: 6, get: (index: number): number => (asked.push(index), index) };
  const first = new DataLoader(dataset, { batchSize: 2 });
  for (const _ of first) break;
  asked.length = 0;
  const second = new DataLoader(dataset, { batchSize: 2 });
  second.loadStateDict(first.stateDict());
  expect([...second]).toHaveLength(2);
  expect(asked).toEqual([2, 3, 4, 5]);
});

test("gathered batches of tensors go on too", async () => {
  const rows = new TensorDataset(X.add(1).cumsum(0));
  const make = (): DataLoader<Tensor[]> => new DataLoader(rows, { batchSize: 8 });
  const first = make();
  for (const _ of first) break;
  const second = make();
  second.loadStateDict(first.stateDict());
  const [batch] = [...second][0] as unknown as [Tensor];
  expect((await batch.tolist()) as number[][]).toEqual([[9], [10], [11], [12], [13], [14], [15], [16]]);
});

describe("the state of another loader is an error, and changes nothing", () => {
  const loader = loaderOf({ batchSize: 4, shuffle: true, generator: new Generator(1) });
  const state = loader.stateDict();
  it.each<[string, unknown, string]>([
    ["nothing", undefined, "expects batchSize, early, generators, length, position, start, streams, got undefined"],
    ["a name missing", { position: 1 }, "got position"],
    ["other data", { ...state, length: 5 }, "length is 5, here it is 23"],
    ["other batches", { ...state, batchSize: 5 }, "batchSize is 5, here it is 4"],
    ["a place that is none", { ...state, position: -1 }, "position must be null or an integer of 0 or more, got -1"],
    [
      "a batch that was given before its time, and is not",
      { ...state, early: [1] },
      "early must be numbers of batches",
    ],
    ["other streams", { ...state, streams: 2 }, "streams is 2, here it is 1"],
    ["no generators", { ...state, generators: [] }, "generators should have the states of 1 generators"],
    ["no start", { ...state, position: 2 }, "start should have the states of 2 generators"],
    ["no state of a generator", { ...state, generators: [new Uint8Array(3)] }, "setState: expected 5056 bytes, got 3"],
  ])("%s", (_, other, says) => {
    expect(() => loader.loadStateDict(other as never)).toThrow(says);
    expect(loader.stateDict()).toEqual(state);
  });
});
