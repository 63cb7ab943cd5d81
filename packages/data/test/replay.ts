import { Generator, manualSeed, defaultGenerator } from "@downhill/core";
import {
  BatchSampler,
  DistributedSampler,
  type DistributedSamplerOptions,
  RandomSampler,
  type SamplerLike,
  SequentialSampler,
  SubsetRandomSampler,
  WeightedRandomSampler,
} from "../src/index.js";

/** A sampler of a fixture: indices, batches of them, or what to make. */
export type SamplerSpec =
  | number[]
  | number[][]
  | { kind: "sequential" }
  | { kind: "random"; replacement?: boolean; numSamples?: number; generator?: string }
  | { kind: "weighted"; weights: number[]; numSamples: number; replacement?: boolean; generator?: string }
  | { kind: "subset"; indices: number[]; generator?: string }
  | ({ kind: "distributed"; epoch?: number } & DistributedSamplerOptions)
  | { kind: "batch"; sampler: SamplerSpec; batchSize: number; dropLast: boolean };

/** A recorded sequence of draws and passes; see tools/reference/data.py. */
export interface Recorded {
  n: number;
  seed: number | string;
  generators: Record<string, number>;
  length: number;
  steps: string[];
  results: unknown[];
}

export type Generators = Readonly<Record<string, Generator>>;

export const generatorsOf = (recorded: Recorded): Generators =>
  Object.fromEntries(Object.entries(recorded.generators).map(([name, seed]) => [name, new Generator(seed)]));

export function samplerOf(spec: SamplerSpec, n: number, generators: Generators): SamplerLike<number | number[]> {
  if (Array.isArray(spec)) return spec as number[];
  if (spec.kind === "sequential") return new SequentialSampler({ length: n });
  if (spec.kind === "batch") {
    return new BatchSampler(samplerOf(spec.sampler, n, generators) as SamplerLike, spec.batchSize, spec.dropLast);
  }
  if (spec.kind === "distributed") {
    const { kind: _, epoch = 0, ...options } = spec;
    const sampler = new DistributedSampler({ length: n }, options);
    sampler.setEpoch(epoch);
    return sampler;
  }
  const own = spec.generator === undefined ? {} : { generator: generators[spec.generator]! };
  if (spec.kind === "subset") return new SubsetRandomSampler(spec.indices, own);
  if (spec.kind === "weighted") {
    const { weights, numSamples, replacement } = spec;
    return new WeightedRandomSampler(weights, numSamples, {
      ...(replacement === undefined ? {} : { replacement }),
      ...own,
    });
  }
  const { kind: _, generator: __, ...options } = spec;
  return new RandomSampler({ length: n }, { ...options, ...own });
}

/** Plays the steps, and returns what each gave, in the form of `results`. */
export function play(recorded: Recorded, make: (generators: Generators) => Iterable<unknown>): unknown[] {
  const generators = generatorsOf(recorded);
  manualSeed(typeof recorded.seed === "string" ? BigInt(recorded.seed) : recorded.seed);
  const source = make(generators);
  let pass: Iterator<unknown> | undefined;
  const rest = (): unknown[] => {
    const items: unknown[] = [];
    for (let next = pass!.next(); next.done !== true; next = pass!.next()) items.push(next.value);
    return items;
  };
  return recorded.steps.map((step): unknown => {
    if (step === "rand") return defaultGenerator.random24();
    if (step in generators) return generators[step]!.random24();
    if (step === "epoch") return [...source];
    if (step === "rest") return rest();
    if (step === "iter") {
      pass = source[Symbol.iterator]();
      return null;
    }
    const next = pass!.next();
    return next.done === true ? null : next.value;
  });
}

/** `seed 4, loader {"batchSize":1}`: which case it is, for a test's title. */
export const titleOf = (recorded: Recorded, spec: unknown): string =>
  `of ${recorded.n} samples, seed ${recorded.seed}, ${JSON.stringify(spec)}`;
