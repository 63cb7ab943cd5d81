/**
 * `node apps/bench/src/loader.ts [--seconds 2] [--turns 5]` (built, Node 22): samples per second of shuffled loaders in batches
 * of 64, with 0, 1 and 2 workers that have started already, at the works of loader/served.ts. Beside ours PyTorch's
 * DataLoader, where a `python3` has torch, and tfjs's tf.data, which has no workers. In turns of whole passes; medians.
 * Before, each says what the numbers of a pass add up to: who loads something else is an error.
 */
import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Tensor } from "@downhill/core";
import { DataLoader } from "@downhill/data";
import * as tf from "@tensorflow/tfjs";
import { pythonWithTorch } from "./contestants.ts";
import { bytes, type LoaderWork, make, rows, side, transformed } from "./loader/served.ts";

interface Turn {
  readonly sum: number;
  readonly rate: number;
}

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "2" }, turns: { type: "string", default: "5" } },
});
const [seconds, turns] = [Number(values.seconds), Number(values.turns)];
const batchSize = 64;
const datasets = { gather: make("gather"), transform: make("transform") };

/** Adds up one pass, and times those that follow. */
async function turn(pass: () => AsyncIterable<ArrayLike<number>>): Promise<Turn> {
  let sum = 0;
  for await (const batch of pass()) for (let i = 0; i < batch.length; i++) sum += batch[i]!;
  const start = performance.now();
  let passes = 0;
  do {
    for await (const _ of pass());
    passes++;
  } while (performance.now() - start < 1000 * seconds);
  return { sum, rate: (1000 * passes * rows) / (performance.now() - start) };
}

async function downhill(work: LoaderWork, numWorkers: number): Promise<Turn> {
  const loader = new DataLoader<unknown, number, unknown>(datasets[work], {
    batchSize,
    shuffle: true,
    numWorkers,
    worker: new URL("./loader/served.ts", import.meta.url),
    workerData: { work },
    persistentWorkers: numWorkers > 0,
  });
  try {
    return await turn(async function* () {
      for await (const batch of loader) {
        const [x] = [batch].flat() as [Tensor];
        yield await x.data(); // what is gathered is computed when it is read
      }
    });
  } finally {
    loader.close();
  }
}

async function tfjs(work: LoaderWork): Promise<Turn> {
  const images = bytes();
  const floats = Float32Array.from(images);
  const indices = tf.data.generator(function* () {
    for (let i = 0; i < rows; i++) yield i;
  });
  const row = (i: number): Float32Array => floats.subarray(i * side * side, (i + 1) * side * side);
  const samples = indices.shuffle(rows).map((i) => tf.tensor1d(work === "gather" ? row(i) : transformed(images, i)));
  return turn(async function* () {
    const iterator = await samples.batch(batchSize).iterator();
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      const batch = next.value as tf.Tensor;
      yield await batch.data();
      batch.dispose();
    }
  });
}

function torch(work: LoaderWork, numWorkers: number): Turn | null {
  const script = join(import.meta.dirname, "loader/torch_loader.py");
  const python = pythonWithTorch();
  if (python === undefined) return null;
  const args = [script, work, String(numWorkers), String(seconds)];
  const text = execFileSync(python, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  const [sum, rate] = text.trim().split("\n").map(Number) as [number, number];
  return { sum, rate };
}

const contestants: Readonly<Record<string, (work: LoaderWork) => Promise<Turn> | Turn | null>> = {
  Downhill: (work) => downhill(work, 0),
  "Downhill, 1 worker": (work) => downhill(work, 1),
  "Downhill, 2 workers": (work) => downhill(work, 2),
  PyTorch: (work) => torch(work, 0),
  "PyTorch, 1 worker": (work) => torch(work, 1),
  "PyTorch, 2 workers": (work) => torch(work, 2),
  "tf.data (tfjs)": (work) => tfjs(work),
};

await tf.setBackend("cpu");
console.log(`${cpus()[0]?.model.trim() ?? "unknown CPU"}, ${cpus().length} cores, Node ${process.versions.node}`);
for (const work of ["gather", "transform"] as const) {
  const rates = new Map<string, number[]>();
  let expected: number | undefined;
  for (let round = 0; round < turns; round++) {
    for (const [name, run] of Object.entries(contestants)) {
      const found = await run(work);
      if (found === null) continue;
      expected ??= found.sum;
      // Sums of a pass in another order, some of them in float32 and some in float64.
      if (!(Math.abs(found.sum - expected) <= 1e-4 * rows)) {
        console.error(`${work}: ${name} loads something else: a pass adds up to ${found.sum}, not ${expected}`);
        process.exitCode = 1;
      }
      rates.set(name, [...(rates.get(name) ?? []), found.rate]);
    }
  }
  const medians = [...rates].map(([name, all]) => [name, all.sort((a, b) => a - b)[all.length >> 1]!] as const);
  const [, own] = medians[0]!;
  console.log(`\n${work}: samples per second, and times Downhill's without workers`);
  for (const [name, rate] of medians) {
    console.log(
      `  ${name.padEnd(20)} ${Math.round(rate).toLocaleString("en").padStart(12)}  ${(rate / own).toFixed(2)}`,
    );
  }
}
process.exit();
