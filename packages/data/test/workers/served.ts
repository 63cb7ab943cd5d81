/** What the workers of the tests serve: `workerData` names it. Bundled before they run it. */
import { Generator, rand, tensor } from "@downhill/core";
import { type Dataset, getWorkerInfo, IterableDataset, MapDataset, type Served, synthetic } from "../../src/index.js";

export const count = 23;

/** Made by the same code in the loader's thread. */
export const datasets: Record<string, () => Served<unknown>> = {
  digits: () => synthetic.glyphDigits(count, { generator: new Generator(5), size: 12 }),
  drawing: () =>
    new MapDataset({ length: count, get: (i: number) => [i] }, ([i], random) => ({
      x: Float32Array.of(i!, random.random53()),
      name: `sample ${i!}`,
    })),
  "drawing from the default generator": () => of(() => rand([2])),
  late: () => of(async (i) => ({ i: tensor(i) })),
  numbers: () => of((i) => i),
  throws: () =>
    of((i) => {
      if (i === 13) throw new RangeError("a sample that throws");
      return i;
    }),
  rejects: () => of(async (i) => (i === 13 ? Promise.reject(new TypeError("a sample that rejects")) : i)),
  exits: () => of((i) => (i === 13 ? process.exit(3) : i)),
  "runs out of memory": () => of((i) => (i === 13 ? memoryFor(i) : i)),
  "is uncaught": () =>
    of((i) => {
      if (i !== 13) return i;
      queueMicrotask(() => {
        throw new Error("in the air");
      });
      return new Promise<number>(() => undefined);
    }),
  closes: () => of((i) => (i === 13 ? (self.close(), new Promise<number>(() => undefined)) : i)),
  "closes before it has a dataset": () => {
    if (getWorkerInfo() !== null) self.close();
    return of((i) => i);
  },
  hangs: () => of((i) => (i === 13 ? new Promise<number>(() => undefined) : i)),
  slow: () => of(async (i) => (await new Promise((resolve) => setTimeout(resolve, i < 4 ? 200 : 0)), i)),
  "what no message holds": () => of((i) => (i === 13 ? () => i : i)),
  stream: () =>
    new IterableDataset(function* () {
      const { id, numWorkers } = getWorkerInfo() ?? { id: 0, numWorkers: 1 };
      for (let i = id; i < count; i += numWorkers) yield i;
    }),
  "who loads": () => of(() => getWorkerInfo()!.id),
  shorter: () => ({ length: count - 1, get: (i: number) => i }),
};

const of = <Sample>(get: (index: number) => Sample | Promise<Sample>): Dataset<Sample> => ({ length: count, get });

function memoryFor(start: number): number {
  const kept: unknown[] = [];
  for (let i = start; ; i++) kept.push({ i, text: `number ${i}` });
}

export interface Named {
  readonly name: string;
}
