import { Worker } from "node:worker_threads";
import { defaultGenerator, Generator, manualSeed, Tensor, tensor } from "@downhill/core";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import {
  type Dataset,
  DataLoader,
  type DataLoaderOptions,
  getWorkerInfo,
  IterableDataset,
  serveDataset,
  WorkerError,
} from "../src/index.js";
import { bundleWorkers } from "./workers/bundle.js";
import { count, datasets } from "./workers/served.js";

let bundle: Awaited<ReturnType<typeof bundleWorkers>>;
beforeAll(async () => {
  bundle = await bundleWorkers("serve", "serve-own", "served");
});
afterAll(() => bundle.remove());

type Options = DataLoaderOptions<unknown, number | null, unknown>;

const loaderOf = (name: string, options: Options = {}): DataLoader<unknown, number | null, unknown> =>
  new DataLoader<unknown, number | null, unknown>(datasets[name]!(), {
    batchSize: 4,
    worker: bundle.url("serve"),
    workerData: { name },
    ...options,
  });

/** A batch as plain data. */
async function plain(batch: unknown): Promise<unknown> {
  if (batch instanceof Tensor) return [batch.dtype, await batch.tolist()];
  if (Array.isArray(batch)) return Promise.all(batch.map(plain));
  if (typeof batch !== "object" || batch === null) return batch;
  return Promise.all(Object.entries(batch).map(async ([key, value]) => [key, await plain(value)]));
}

async function collect(source: AsyncIterable<unknown>, passes = 1): Promise<unknown[]> {
  const found: unknown[] = [];
  for (let pass = 0; pass < passes; pass++) for await (const batch of source) found.push(await plain(batch));
  return found;
}

describe("workers give what a loader without them gives", () => {
  for (const name of ["digits", "drawing", "late"]) {
    for (const batchSize of name === "drawing" ? [4, null] : [4]) {
      it(`${name}, ${batchSize === null ? "one by one" : "in batches"}: for two passes, with any number of them`, async () => {
        const run = async (options: Options): Promise<unknown[]> => {
          manualSeed(1);
          const found = await collect(loaderOf(name, { shuffle: true, batchSize, ...options }), 2);
          return [...found, defaultGenerator.random32()];
        };
        const expected = await run({ numWorkers: 0 });
        expect(expected.length).toBe(2 * (batchSize === null ? count : 6) + 1);
        expect(await run({ numWorkers: 1 })).toEqual(expected);
        expect(await run({ numWorkers: 2, prefetchFactor: 1, persistentWorkers: true })).toEqual(expected);
      });
    }
  }

  it("with a sampler, a batchSampler, a generator, dropLast", async () => {
    for (const options of [
      () => ({ sampler: [5, 4, 3, 2, 1], generator: new Generator(2) }),
      () => ({ batchSampler: [Int32Array.of(3, 1), [2]], batchSize: 1 }),
      () => ({ shuffle: true, dropLast: true, generator: new Generator(2) }),
    ]) {
      manualSeed(1);
      const expected = await collect(loaderOf("drawing", options()));
      manualSeed(1);
      expect(await collect(loaderOf("drawing", { ...options(), numWorkers: 2 }))).toEqual(expected);
    }
  });

  it("what samples draw from the default generator is the same for any number of workers, and another in each pass", async () => {
    const run = (numWorkers: number): Promise<unknown[]> => {
      manualSeed(1);
      return collect(loaderOf("drawing from the default generator", { numWorkers }), 2);
    };
    const one = await run(1);
    expect(await run(3)).toEqual(one);
    expect(new Set(one.map((batch) => JSON.stringify(batch))).size).toBe(one.length);
  });
});

it("a batch takes over the memory that arrives: no copy on this side", async () => {
  const adopted: unknown[] = [];
  const backend = tensor(0).device.backend;
  const adopt = backend.adopt!.bind(backend);
  backend.adopt = (dtype, data) => (adopted.push(data), adopt(dtype, data));
  try {
    await collect(loaderOf("digits", { numWorkers: 1 }));
    expect(adopted.length).toBeGreaterThanOrEqual(12);
  } finally {
    delete (backend as { adopt?: unknown }).adopt;
  }
});

it("each is told who it is, once, and collates as it likes", async () => {
  const dataset: Dataset<number> = { length: count, get: (i) => i };
  const loader = new DataLoader<number, number, { samples: number[]; begun: object[] }>(dataset, {
    batchSize: 4,
    numWorkers: 2,
    worker: bundle.url("serve-own"),
  });
  const found: { samples: number[]; begun: object[] }[] = [];
  for await (const batch of loader) found.push(batch);
  expect(found.map(({ samples }) => samples).flat()).toEqual(Array.from({ length: count }, (_, i) => i));
  const ids = found.map(({ begun }) => (begun as { id: number }[])[0]!.id);
  expect(new Set(ids)).toEqual(new Set([0, 1]));
  found.forEach(({ begun }, k) => expect(begun).toEqual([{ id: ids[k], numWorkers: 2, same: true }]));
  expect(getWorkerInfo()).toBe(null);
});

describe("an IterableDataset", () => {
  it("has a stream in each worker, which take turns until all have ended", async () => {
    const batches = async (numWorkers: number): Promise<unknown[]> =>
      ((await collect(loaderOf("stream", { numWorkers, batchSize: 3 }))) as [string, number[]][]).map(
        ([, rows]) => rows,
      );
    const ofTwo = await batches(2);
    expect(ofTwo.slice(0, 3)).toEqual([[0, 2, 4], [1, 3, 5], [6, 8, 10]]); // prettier-ignore
    expect(ofTwo.flat().sort((a, b) => (a as number) - (b as number))).toEqual(
      Array.from({ length: count }, (_, i) => i),
    );
    expect(await batches(1)).toEqual((await batches(0)).map((rows) => rows));
  });

  it("goes on in mid-pass where each stream stood", async () => {
    const make = (): ReturnType<typeof loaderOf> => loaderOf("stream", { numWorkers: 2, batchSize: 3 });
    const whole = await collect(make());
    for (const stop of [1, whole.length - 1]) {
      const first = make();
      const seen: unknown[] = [];
      for await (const batch of first) {
        seen.push(await plain(batch));
        if (seen.length === stop) break;
      }
      const second = make();
      second.loadStateDict(structuredClone(first.stateDict()));
      expect([...seen, ...(await collect(second))]).toEqual(whole);
    }
    expect(() => loaderOf("stream", { numWorkers: 3, batchSize: 3 }).loadStateDict(make().stateDict())).toThrow(
      "streams is 2, here it is 3",
    );
  });
});

describe("a loader with workers goes on with the very next batch", () => {
  it.each([true, false])("in order: %s", async (inOrder) => {
    const make = (): ReturnType<typeof loaderOf> =>
      loaderOf("slow", { numWorkers: 2, shuffle: true, batchSize: 2, generator: new Generator(4), inOrder });
    const whole = (await collect(make())).flatMap((batch) => (batch as [string, number[]])[1]);
    for (const stop of [1, 4]) {
      const first = make();
      const seen: unknown[] = [];
      for await (const batch of first) {
        seen.push(...((await plain(batch)) as [string, number[]])[1]);
        if (seen.length === 2 * stop) break;
      }
      const second = make();
      second.loadStateDict(structuredClone(first.stateDict()));
      seen.push(...(await collect(second)).flatMap((batch) => (batch as [string, number[]])[1]));
      if (inOrder) expect(seen).toEqual(whole);
      expect(seen.toSorted()).toEqual(whole.toSorted()); // each sample once
    }
  });
});

it("without order, batches come as they are ready", async () => {
  const run = async (inOrder: boolean): Promise<number[]> =>
    (await collect(loaderOf("slow", { numWorkers: 2, batchSize: 1, inOrder }))).map(
      (b) => (b as [string, number[]])[1][0]!,
    );
  expect(await run(true)).toEqual(Array.from({ length: count }, (_, i) => i));
  const loose = await run(false);
  expect(loose).not.toEqual(await run(true));
  expect(loose.sort((a, b) => a - b)).toEqual(await run(true));
});

it("workers stay for the next pass only if they are to, and end with close()", async () => {
  let started: Worker[] = [];
  const worker = (): Worker => {
    const one = new Worker(bundle.url("serve"));
    started.push(one);
    return one;
  };
  const ended = async (): Promise<boolean[]> => {
    const all = (): boolean[] => started.map(({ threadId }) => threadId === -1);
    for (let tries = 0; tries < 50 && all().includes(false); tries++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return all();
  };
  const passing = loaderOf("numbers", { numWorkers: 2, worker });
  await collect(passing, 2);
  expect(await ended()).toEqual([true, true, true, true]);
  started = [];
  for await (const _ of passing) break;
  expect(await ended()).toEqual([true, true]);
  started = [];
  const staying = loaderOf("numbers", { numWorkers: 2, worker, persistentWorkers: true });
  await collect(staying, 2);
  for await (const _ of staying) break;
  expect(await ended()).toEqual([false, false]);
  staying.close();
  expect(await ended()).toEqual([true, true]);
  expect((await collect(staying)).length).toBe(6);
  staying[Symbol.dispose]();
  expect(await ended()).toEqual([true, true, true, true]);
});

describe("what goes wrong in a worker comes back", () => {
  const failure = async (name: string, options: Options = {}): Promise<WorkerError> => {
    const seen: unknown[] = [];
    try {
      for await (const batch of loaderOf(name, { numWorkers: 2, batchSize: 3, ...options })) seen.push(batch);
    } catch (error) {
      expect(seen.length).toBeLessThan(5); // batches before it have come
      return error as WorkerError;
    }
    throw new Error("nothing went wrong");
  };

  it.each([
    ["throws", "RangeError: a sample that throws"],
    ["rejects", "TypeError: a sample that rejects"],
  ])("a sample that %s: its index, and the worker's stack", async (name, text) => {
    for (const batchSize of [3, null]) {
      const error = await failure(name, batchSize === null ? { batchSize, sampler: [1, 13, 2] } : {});
      expect(error).toBeInstanceOf(WorkerError);
      expect(error.message).toMatch(new RegExp(`^DataLoader: worker [01] failed at sample 13: ${text}$`));
      expect(error.index).toBe(13);
      expect((error.cause as Error).stack).toMatch(/serve\.mjs:\d+/);
      expect(`${(error.cause as Error).name}: ${(error.cause as Error).message}`).toBe(text);
    }
  });

  it("and the next pass, with other workers or the same, works", async () => {
    for (const persistentWorkers of [false, true]) {
      const loader = loaderOf("throws", { numWorkers: 2, batchSize: 3, persistentWorkers });
      for (let pass = 0; pass < 2; pass++) await expect(collect(loader)).rejects.toThrow("a sample that throws");
      loader.close();
    }
  });

  it("process.exit", async () => {
    const error = await failure("exits");
    expect(error.message).toMatch(/^DataLoader: worker [01] has ended with code 3, on the samples \[12, 13, 14\]$/);
  });

  it("an error that nothing catches", async () => {
    const error = await failure("is uncaught");
    expect(error.message).toMatch(
      /^DataLoader: worker [01] has died: Error: in the air, on the samples \[12, 13, 14\]$/,
    );
  });

  it("running out of memory", async () => {
    const worker = (): Worker => new Worker(bundle.url("serve"), { resourceLimits: { maxOldGenerationSizeMb: 24 } });
    const error = await failure("runs out of memory", { worker });
    expect(error.message).toMatch(/^DataLoader: worker [01] has died: .*memory.*, on the samples \[12, 13, 14\]$/);
  });

  it("a batch that no message holds", async () => {
    await expect(failure("what no message holds", { batchSize: null, sampler: [1, 13, 2] })).resolves.toMatchObject({
      index: 13,
    });
  });

  it("hanging, where there is a timeout", async () => {
    const error = await failure("hangs", { timeout: 0.5 });
    expect(error.message).toContain("no batch has come from the workers within the timeout of 0.5 s");
  });

  it("a module that is not there, serves nothing, or serves something else", async () => {
    const nowhere = new URL("nowhere.mjs", bundle.url("serve"));
    await expect(failure("numbers", { worker: nowhere })).resolves.toMatchObject({
      message: expect.stringMatching(/worker 0 has died: .*nowhere\.mjs.* before it was ready/) as unknown,
    });
    const served = bundle.url("served");
    await expect(failure("numbers", { worker: served })).resolves.toMatchObject({
      message: expect.stringContaining("worker 0 has ended with code 0 before it was ready") as unknown,
    });
    await expect(failure("numbers", { workerData: { name: "nothing" } })).resolves.toMatchObject({
      message: expect.stringContaining("failed to begin: TypeError") as unknown,
    });
    await expect(failure("numbers", { workerData: { name: "shorter" } })).resolves.toMatchObject({
      message: expect.stringContaining(
        "the loader has a dataset of 23 samples, its workers serve a dataset of 22 samples",
      ) as unknown,
    });
  });
});

test("a plain for, and options that do not fit, say so", () => {
  expect(() => [...loaderOf("numbers", { numWorkers: 1 })]).toThrow("batches come from workers");
  const make = (options: object) => () => new DataLoader({ length: 3, get: (i: number) => i }, options);
  const worker = "x.mjs";
  expect(make({ numWorkers: 2 })).toThrow("numWorkers: 2 needs to know the workers' module");
  expect(make({ numWorkers: -1 })).toThrow("numWorkers");
  expect(make({ numWorkers: 1, worker: 3 })).toThrow("worker must be a URL or a function that starts a worker, got 3");
  expect(make({ numWorkers: 1, worker, collate: () => 0 })).toThrow("collate is called in them");
  expect(make({ numWorkers: 1, worker, workerInit: () => 0 })).toThrow("serveDataset(dataset, { workerInit })");
  expect(make({ numWorkers: 1, worker, prefetchFactor: 0 })).toThrow("prefetchFactor");
  expect(make({ numWorkers: 1, worker, timeout: -1 })).toThrow("timeout must be 0 or more seconds, got -1");
  expect(make({ numWorkers: 1, worker, inOrder: 1 })).toThrow("inOrder must be true or false, got 1");
  expect(make({ worker: "x.mjs" })).not.toThrow(); // for who turns the workers off
});

test("serveDataset does nothing in a main thread, but look at what it is given", () => {
  serveDataset(new IterableDataset([1]));
  serveDataset(() => {
    throw new Error("not here");
  });
  expect(() => serveDataset([1] as never)).toThrow("serveDataset: a dataset has a length and a method get(index)");
  expect(() => serveDataset(() => 0 as never, { collate: 1 as never })).toThrow("serveDataset: collate");
});
