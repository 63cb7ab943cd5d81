// How long an update takes in this browser: all samples, a batch of them, or a single one, each in its turn
import { rand, randn, type Tensor } from "@downhill/core";
import { DataLoader, TensorDataset } from "@downhill/data";
import { Linear, MSELoss } from "@downhill/nn";
import { SGD } from "@downhill/optim";

export interface Settings {
  readonly count: string;
  readonly batchSize: number;
}

/** Seconds for an update: the median of the rounds so far. */
export interface State {
  readonly full: number;
  readonly batch: number;
  readonly single: number;
}

export async function* experiment({ count, batchSize }: Settings): AsyncGenerator<State> {
  const X = rand([Number(count), 1]).mul(10);
  const y = X.mul(2)
    .add(3)
    .add(randn([Number(count), 1]));
  const dataset = new TensorDataset(X, y);
  const loaders = [batchSize, 1].map((batchSize) => new DataLoader(dataset, { batchSize, shuffle: true }));
  const clocks = [[[X, y] as const], ...loaders].map((batches) => ({ walk: updates(batches), rounds: [] as number[] }));
  for (const { walk } of clocks) for (let i = 0; i < 20; i++) await walk.next(); // compiled, and warm

  for (;;) {
    for (const { walk, rounds } of clocks) rounds.push(await secondsPerUpdate(walk));
    const [full, batch, single] = clocks.map(({ rounds }) => median(rounds)) as [number, number, number];
    yield { full, batch, single };
  }
}

/** Loading the batch is a part of it. */
async function* updates(batches: Iterable<readonly Tensor[]> | AsyncIterable<readonly Tensor[]>): AsyncGenerator<void> {
  const model = new Linear(1, 1);
  const criterion = new MSELoss();
  const optimizer = new SGD(model.parameters(), { lr: 1e-6 });
  for (;;) {
    for await (const [batchX, batchY] of batches) {
      optimizer.zeroGrad();
      criterion.forward(model.forward(batchX!), batchY!).backward();
      await optimizer.step();
      yield;
    }
  }
}

async function secondsPerUpdate(walk: AsyncGenerator<void>): Promise<number> {
  const start = performance.now();
  let [done, elapsed] = [0, 0];
  while (elapsed < 40) {
    await walk.next();
    done++;
    elapsed = performance.now() - start;
  }
  return elapsed / 1000 / done;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
