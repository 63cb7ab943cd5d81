/**
 * `node apps/bench/src/matmul.ts [relaxed,simd,scalar] [part of a name]`: GFLOP/s of the matmul routines alone, on one
 * thread, by processor time, so that what else runs here matters less.
 */
/* eslint-disable import-x/no-relative-packages -- types alone; see sources.ts */
import type * as descriptor from "../../../packages/core/src/wasm/routines/descriptor.js";
import type * as routines from "../../../packages/core/src/wasm/routines/routines.js";
/* eslint-enable import-x/no-relative-packages */
import { source } from "./sources.ts";

type MatmulDescription = descriptor.MatmulDescription;
const { prepareMatmul } = (await source("wasm/routines/descriptor.ts")) as typeof descriptor;
const { buildRoutines } = (await source("wasm/routines/routines.ts")) as typeof routines;

interface Job {
  readonly name: string;
  readonly description: MatmulDescription;
  /** Elements of A, B and C. */
  readonly lengths: readonly [number, number, number];
}

const jobs: Job[] = [];

/** [m, k] × [k, n], each stored transposed where its letter is T. */
function dense(use: string, m: number, k: number, n: number, stored = "NN", count = 1): void {
  jobs.push({
    name: `${use}: [${m}, ${k}] × [${k}, ${n}] ${stored}${count > 1 ? `, ${count} of them` : ""}`,
    description: {
      dtype: "float32",
      m,
      n,
      k,
      a: stored.startsWith("T") ? { rows: 4, depth: 4 * m } : { rows: 4 * k, depth: 4 },
      b: stored.endsWith("T") ? { depth: 4, columns: 4 * k } : { depth: 4 * n, columns: 4 },
      rowStride: 4 * n,
      batch: { count, a: 4 * m * k, b: 4 * k * n, c: 4 * m * n },
    },
    lengths: [m * k * count, k * n * count, m * n * count],
  });
}

/** Byte offsets of a view's elements, its dims given as [size, stride in elements]. */
function offsets(...dims: readonly (readonly [number, number])[]): Int32Array {
  let all = [0];
  for (const [size, stride] of dims)
    all = all.flatMap((at) => Array.from({ length: size }, (_, i) => at + 4 * stride * i));
  return Int32Array.from(all);
}

/** A 3×3 convolution of padded square images, and the gradient of its weights. */
function convolution(channels: number, filters: number, side: number, images: number): void {
  const padded = side + 2;
  const [image, places, weights] = [channels * padded ** 2, side ** 2, channels * 9];
  const window = [
    [channels, padded ** 2],
    [3, padded],
    [3, 1],
  ] as const;
  const slides = [
    [side, padded],
    [side, 1],
  ] as const;
  const name = `${channels} to ${filters} channels, ${side}×${side}, ${images} images`;
  jobs.push({
    name: `convolution, ${name}`,
    description: {
      dtype: "float32",
      m: filters,
      n: places,
      k: weights,
      a: { rows: 4 * weights, depth: 4 },
      b: { depth: offsets(...window), columns: offsets(...slides) },
      rowStride: 4 * places,
      batch: { count: images, a: 0, b: 4 * image, c: 4 * filters * places },
    },
    lengths: [filters * weights, images * image, images * filters * places],
  });
  jobs.push({
    name: `its weights' gradient, ${name}`,
    description: {
      dtype: "float32",
      m: filters,
      n: weights,
      k: images * places,
      a: { rows: 4 * places, depth: offsets([images, filters * places], [places, 1]) },
      b: { depth: offsets([images, image], ...slides), columns: offsets(...window) },
      rowStride: 4 * weights,
    },
    lengths: [images * filters * places, images * image, filters * weights],
  });
}

for (const stored of ["NN", "TN", "NT", "TT"]) dense("square", 512, 512, 512, stored);
dense("square", 1024, 1024, 1024);
dense("square", 2048, 2048, 2048);
for (const batch of [64, 512]) {
  dense("layer", batch, 784, 256, "NT");
  dense("gradient of weights", 256, batch, 784, "TN");
  dense("gradient of weights", 784, batch, 256, "TN");
  dense("layer", batch, 256, 128, "NT");
  dense("gradient of input", batch, 128, 256);
  dense("layer", batch, 128, 10, "NT");
  dense("gradient of input", batch, 10, 128);
  dense("gradient of weights", 10, batch, 128, "TN");
}
convolution(1, 16, 28, 64);
convolution(16, 32, 14, 64);
dense("attention", 64, 32, 64, "NT", 32);
dense("attention", 64, 64, 32, "NN", 32);
dense("vector", 1, 512, 512);
dense("vector", 1, 512, 512, "NT");
dense("vector", 512, 512, 1);
dense("vector", 512, 512, 1, "TN");
dense("skinny", 3, 512, 512, "NT");
dense("small", 16, 16, 16, "NT");

const flavours: Record<string, { simd: boolean; relaxed: boolean }> = {
  relaxed: { simd: true, relaxed: true },
  simd: { simd: true, relaxed: false },
  scalar: { simd: false, relaxed: false },
};
const names = (process.argv[2] ?? "relaxed,simd,scalar").split(",");
const chosen = jobs.filter(({ name }) => name.includes(process.argv[3] ?? ""));

/** Sets a job up in a memory; returns GFLOP/s of `repeat` runs. */
function setUp({ description, lengths }: Job, flavour: string): (repeat: number) => number {
  const features = flavours[flavour]!;
  const { words, routine, rows, scratchBytes } = prepareMatmul(description, features);
  const sizes = [words.byteLength, ...lengths.map((length) => 4 * length), scratchBytes];
  let top = 0;
  const places = sizes.map((bytes) => (top += Math.ceil(bytes / 64 + 1) * 64) - Math.ceil(bytes / 64) * 64);
  const memory = new WebAssembly.Memory({ initial: Math.ceil(top / 65536) + 1 });
  new Float32Array(memory.buffer).forEach((_, i, values) => (values[i] = ((i * 7919) % 13) - 6.5));
  new Int32Array(memory.buffer).set(words, places[0]! / 4);
  const module = new WebAssembly.Module(buildRoutines(features) as BufferSource);
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const run = exports[routine] as (...args: number[]) => void;
  const [descriptor, a, b, c, scratch] = places as [number, number, number, number, number];
  const operations = 2 * description.m * description.n * description.k * (description.batch?.count ?? 1);
  return (repeat) => {
    const before = process.cpuUsage();
    for (let i = 0; i < repeat; i++) run(descriptor, a, b, c, 0, rows, scratch);
    const { user, system } = process.cpuUsage(before);
    return (operations * repeat) / Math.max(user + system, 1) / 1e3;
  };
}

console.log(`GFLOP/s, median of 11 turns / best${names.map((name) => name.padStart(19)).join("")}`);
for (const job of chosen) {
  const cells = names.map((flavour) => {
    const run = setUp(job, flavour);
    const operations = 2 * job.description.m * job.description.n * job.description.k;
    const repeat = Math.max(1, Math.round(2e8 / operations / (job.description.batch?.count ?? 1)));
    for (let i = 0; i < 4; i++) run(repeat);
    const turns = Array.from({ length: 11 }, () => run(repeat)).sort((x, y) => x - y);
    return `${turns[5]!.toFixed(1)} / ${turns[10]!.toFixed(1)}`.padStart(19);
  });
  console.log(`${job.name.padEnd(66)}${cells.join("")}`);
}
