// Program 3: mini-batches from a loader, and a ledger of who was in which
import { arange, manualSeed, rand, randn, type Tensor } from "@downhill/core";
import { DataLoader, TensorDataset } from "@downhill/data";
import { Linear, MSELoss } from "@downhill/nn";
import { SGD } from "@downhill/optim";

export interface Settings {
  readonly seed: number;
  readonly batchSize: number;
  /** Whether each epoch draws a new order. */
  readonly shuffle: boolean;
  /** Whether a last batch that is shorter than the others is left out. */
  readonly dropLast: boolean;
}

export interface State {
  /** Comes with the first state: x and y of each sample. */
  readonly points: readonly (readonly [number, number])[] | null;
  /** From 1; 0 before the first update. */
  readonly epoch: number;
  /** Which samples have been in this epoch's batches, batch by batch, the newest last. */
  readonly batches: readonly (readonly number[])[];
  /** Which samples no batch of the epoch has had: known when it is over, null before. */
  readonly missed: readonly number[] | null;
  /** The newest batch's loss, before its update. NaN before the first. */
  readonly batchLoss: number;
  /** The loss of this epoch so far: of all its samples, each counted once. */
  readonly epochLoss: number;
  readonly weight: number;
  readonly bias: number;
}

const epochs = 5;

export async function* experiment({ seed, batchSize, shuffle, dropLast }: Settings): AsyncGenerator<State> {
  manualSeed(seed);
  const X = rand([100, 1]).mul(10);
  const y = X.mul(2)
    .add(3)
    .add(randn([100, 1]));
  new Linear(1, 1); // program 2's model: it was drawn from the same stream
  const model = new Linear(1, 1);
  const criterion = new MSELoss();
  const optimizer = new SGD(model.parameters(), { lr: 0.01 });
  // A third column numbers the samples, so that each batch says who is in it.
  const dataset = new TensorDataset(X, y, arange(100));
  const loader = new DataLoader(dataset, { batchSize, shuffle, dropLast });

  const line = async (): Promise<{ weight: number; bias: number }> => ({
    weight: await model.weight.item(),
    bias: await model.bias!.item(),
  });
  const points = await pairs(X, y);
  yield { points, epoch: 0, batches: [], missed: null, batchLoss: NaN, epochLoss: NaN, ...(await line()) };

  for (let epoch = 1; epoch <= epochs; epoch++) {
    let batches: number[][] = [];
    let [sum, seen] = [0, 0];
    for await (const [batchX, batchY, which] of loader) {
      optimizer.zeroGrad();
      const loss = criterion.forward(model.forward(batchX), batchY);
      loss.backward();
      optimizer.step();

      batches = [...batches, (await which.tolist()) as number[]];
      const batchLoss = await loss.item();
      sum += batchLoss * batchX.shape[0]!; // an average back into a sum: the short batch weighs less
      seen += batchX.shape[0]!;
      const missed = batches.length < loader.length ? null : others(batches.flat());
      yield { points: null, epoch, batches, missed, batchLoss, epochLoss: sum / seen, ...(await line()) };
    }
  }
}

const others = (seen: readonly number[]): number[] =>
  Array.from({ length: 100 }, (_, i) => i).filter((i) => !seen.includes(i));

async function pairs(X: Tensor, y: Tensor): Promise<[number, number][]> {
  const [xs, ys] = [(await X.flatten().tolist()) as number[], (await y.flatten().tolist()) as number[]];
  return xs.map((x, i) => [x, ys[i]!]);
}
