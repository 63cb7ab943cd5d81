import { Generator, manualSeed, ValueError } from "@downhill/core";
import { describe, expect, test } from "vitest";
import {
  batched,
  BatchSampler,
  RandomSampler,
  type SamplerLike,
  sequential,
  SequentialSampler,
  shuffled,
  type Sized,
  withReplacement,
} from "../src/index.js";

const five = { length: 5 };

describe("samplers are generators", () => {
  test("sequential counts", () => {
    expect([...sequential(4)]).toEqual([0, 1, 2, 3]);
    expect([...sequential(0)]).toEqual([]);
  });

  test("shuffled gives what RandomSampler gives", () => {
    manualSeed(3);
    const own = [...shuffled(5), ...shuffled(5, { numSamples: 7 })];
    manualSeed(3);
    expect(own).toEqual([...new RandomSampler(five), ...new RandomSampler(five, { numSamples: 7 })]);
    expect(own.slice(0, 5).sort()).toEqual([0, 1, 2, 3, 4]);
  });

  test("withReplacement gives what RandomSampler with replacement gives", () => {
    const options = { numSamples: 40 };
    const own = [...withReplacement(5, { ...options, generator: new Generator(8) })];
    expect(own).toEqual([...new RandomSampler(five, { ...options, replacement: true, generator: new Generator(8) })]);
  });

  test("batched cuts any indices into arrays", () => {
    expect([...batched([5, 4, 3, 2, 1], 2)]).toEqual([[5, 4], [3, 2], [1]]);
    expect([...batched(sequential(5), 2, true)]).toEqual([[0, 1], [2, 3]]); // prettier-ignore
  });

  test("batched asks for no index before it is needed, and closes what it reads when it is left", () => {
    const log: string[] = [];
    function* indices(): IterableIterator<number> {
      try {
        for (let i = 0; ; i++) {
          log.push(String(i));
          yield i;
        }
      } finally {
        log.push("closed");
      }
    }
    for (const batch of batched(indices(), 3)) if (batch[0] === 3) break;
    expect(log).toEqual(["0", "1", "2", "3", "4", "5", "closed"]);
  });

  test("they draw nothing before the first index is asked for", () => {
    const generator = new Generator(1);
    const untouched = generator.getState();
    shuffled(5, { generator });
    withReplacement(5, { generator });
    new RandomSampler(five, { generator })[Symbol.iterator]();
    expect(generator.getState()).toEqual(untouched);
  });

  test("they refuse bad numbers and unknown options", () => {
    expect(() => [...shuffled(0)]).toThrow("shuffled: length must be an integer of 1 or more, got 0");
    expect(() => [...shuffled(3, { numSamples: 0 })]).toThrow(
      "shuffled: numSamples must be an integer of 1 or more, got 0",
    );
    expect(() => [...withReplacement(3, { seed: 1 } as object)]).toThrow('withReplacement: unknown option "seed"');
    expect(() => [...batched([1], 1.5)]).toThrow("batched: size must be an integer of 1 or more, got 1.5");
  });
});

describe("sampler classes", () => {
  test("follow a dataset that grows", () => {
    const growing = { length: 2 };
    const samplers = [new SequentialSampler(growing), new RandomSampler(growing)];
    growing.length = 6;
    for (const sampler of samplers) {
      expect(sampler.length).toBe(6);
      expect([...sampler].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    }
  });

  test("interleaved passes of one sampler do not disturb each other", () => {
    const pass = (): Iterator<number> =>
      new RandomSampler(five, { replacement: true, numSamples: 64 })[Symbol.iterator]();
    const take = (from: Iterator<number>): number => from.next().value as number;
    manualSeed(5);
    const [a, b] = [pass(), pass()];
    const mixed = Array.from({ length: 64 }, () => [take(a), take(b)]);
    manualSeed(5);
    const [first, second] = [pass(), pass()];
    const alone = [Array.from({ length: 64 }, () => take(first)), Array.from({ length: 64 }, () => take(second))];
    expect([mixed.map(([x]) => x), mixed.map(([, x]) => x)]).toEqual(alone);
  });

  test("RandomSampler refuses an empty dataset, as PyTorch does", () => {
    expect(() => new RandomSampler({ length: 0 })).toThrow(ValueError);
    expect(() => new RandomSampler({ length: 0 })).toThrow(
      "RandomSampler: numSamples must be an integer of 1 or more, got 0, of 0 samples\n  hint: the dataset is empty",
    );
    expect(() => new RandomSampler({ length: 0 }, { numSamples: 3 })).toThrow("got 3, of 0 samples");
  });

  test.each([0, -1, 2.5, Number.NaN, "3"])("RandomSampler refuses numSamples %s", (numSamples) => {
    expect(() => new RandomSampler(five, { numSamples: numSamples as number })).toThrow(
      /^RandomSampler: numSamples must be an integer of 1 or more, got /,
    );
  });

  test("RandomSampler refuses other bad arguments", () => {
    const make = (options: object) => () => new RandomSampler(five, options);
    expect(make({ replacement: 1 })).toThrow("RandomSampler: replacement must be true or false, got 1");
    expect(make({ generator: { seed: 3 } })).toThrow("RandomSampler: generator must be a Generator, got {seed}");
    expect(make({ num_samples: 3 })).toThrow(
      'RandomSampler: unknown option "num_samples"\n  hint: it takes replacement, numSamples, generator',
    );
    expect(() => new RandomSampler(5 as unknown as Sized)).toThrow(
      "RandomSampler: needs a dataset, something with a length, got 5",
    );
    expect(() => new SequentialSampler(undefined as unknown as Sized)).toThrow("SequentialSampler: needs a dataset");
  });

  test.each([0, -2, 1.5, Number.NaN, "10", null])("BatchSampler refuses a batchSize of %s", (batchSize) => {
    expect(() => new BatchSampler([1, 2], batchSize as number)).toThrow(
      /^BatchSampler: batchSize must be an integer of 1 or more, got /,
    );
  });

  test("BatchSampler refuses other bad arguments", () => {
    expect(() => new BatchSampler([1], 1, 0 as unknown as boolean)).toThrow(
      "BatchSampler: dropLast must be true or false, got 0",
    );
    expect(() => new BatchSampler(7 as unknown as SamplerLike, 2)).toThrow(
      "BatchSampler: the sampler must be an iterable of indices or a generator function, got 7",
    );
  });

  test("a generator object, which one pass uses up, is refused; the function that makes it is a sampler", () => {
    function* odd(): IterableIterator<number> {
      yield* [1, 3, 5];
    }
    expect(() => new BatchSampler(odd(), 2)).toThrow(
      "BatchSampler: the sampler is an iterator, which is used up by the first pass\n  hint: pass an array, or the generator function itself",
    );
    const batches = new BatchSampler(odd, 2);
    expect([[...batches], [...batches]]).toEqual([[[1, 3], [5]], [[1, 3], [5]]]); // prettier-ignore
    expect(() => batches.length).toThrow("BatchSampler: the sampler has no length");
  });
});
