import { defaultGenerator, Generator, manualSeed } from "@downhill/core";
import { describe, expect, test } from "vitest";
import {
  DataLoader,
  type DataLoaderOptions,
  IterableDataset,
  randomSplit,
  type SamplerLike,
  sequential,
} from "../src/index.js";
import loaders from "./fixtures/loader.json" with { type: "json" };
import options from "./fixtures/options.json" with { type: "json" };
import splits from "./fixtures/random-split.json" with { type: "json" };
import samplers from "./fixtures/sampler.json" with { type: "json" };
import { type Generators, generatorsOf, play, type Recorded, samplerOf, type SamplerSpec, titleOf } from "./replay.js";

interface LoaderSpec {
  iterable?: boolean;
  batchSize?: number | null;
  shuffle?: boolean;
  dropLast?: boolean;
  generator?: string;
  sampler?: SamplerSpec;
  batchSampler?: SamplerSpec;
}

const numbers = (length: number) => ({ length, get: (index: number): number => index });

function loaderOf(spec: LoaderSpec, n: number, generators: Generators): DataLoader<number, number | null, unknown> {
  const { iterable, generator, sampler, batchSampler, ...plain } = spec;
  const dataset = iterable === true ? new IterableDataset(sequential.bind(null, n), { length: n }) : numbers(n);
  return new DataLoader(dataset, {
    ...plain,
    ...(generator === undefined ? {} : { generator: generators[generator]! }),
    ...(sampler === undefined ? {} : { sampler: samplerOf(sampler, n, generators) as SamplerLike }),
    ...(batchSampler === undefined
      ? {}
      : { batchSampler: samplerOf(batchSampler, n, generators) as SamplerLike<number[]> }),
    collate: (samples: unknown) => samples,
  });
}

describe("a loader takes PyTorch's samples and leaves PyTorch's streams, at each step of its passes", () => {
  test.each(
    (loaders as unknown as (Recorded & { loader: LoaderSpec })[]).map(
      (row) => [titleOf(row, row.loader), row] as const,
    ),
  )("%s", (_, row) => {
    expect(play(row, (generators) => loaderOf(row.loader, row.n, generators))).toEqual(row.results);
    expect(loaderOf(row.loader, row.n, generatorsOf(row)).length).toBe(row.length);
  });
});

describe("a sampler gives PyTorch's indices and leaves PyTorch's streams", () => {
  test.each(
    (samplers as unknown as (Recorded & { sampler: SamplerSpec })[]).map(
      (row) => [titleOf(row, row.sampler), row] as const,
    ),
  )("%s", (_, row) => {
    const make = (generators: Generators): Iterable<unknown> & { length?: number } =>
      samplerOf(row.sampler, row.n, generators) as Iterable<unknown>;
    expect(play(row, make)).toEqual(row.results);
    expect(make(generatorsOf(row)).length).toBe(row.length);
  });
});

describe("randomSplit gives PyTorch's parts and moves the stream by one randperm", () => {
  test.each(
    splits.map(
      (row) =>
        [`${row.n} samples by [${row.lengths.join(", ")}]${row.own === null ? "" : " with a generator"}`, row] as const,
    ),
  )("%s", (_, row) => {
    manualSeed(row.seed);
    const generator = row.generator === null ? undefined : new Generator(row.generator);
    const parts = randomSplit(numbers(row.n), row.lengths, generator === undefined ? {} : { generator });
    expect(parts.map((part) => Array.from(part.indices))).toEqual(row.subsets);
    expect(defaultGenerator.random24()).toBe(row.rand);
    expect(generator?.random24() ?? null).toBe(row.own);
  });
});

test.each(options.map((row) => [row.accepted ? "accepts" : "refuses", JSON.stringify(row.options), row] as const))(
  "a loader %s the options %s, as PyTorch does",
  (_, __, row) => {
    const make = (): unknown => new DataLoader(numbers(5), row.options as DataLoaderOptions<number>);
    if (row.accepted) expect(make).not.toThrow();
    else expect(make).toThrow(/^DataLoader: /);
  },
);
