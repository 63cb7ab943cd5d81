// Three walkers, one start: each update takes all samples, a batch of them, or a single one
import { linspace, manualSeed, rand, randn, stack, tensor, type Tensor } from "@downhill/core";
import { DataLoader, TensorDataset } from "@downhill/data";
import { Linear, MSELoss } from "@downhill/nn";
import { SGD } from "@downhill/optim";

export interface Settings {
  readonly seed: number;
  readonly rate: number;
  readonly batchSize: number;
  /** How many samples there are. */
  readonly count: "100" | "10000" | "1000000";
  /** The weight and bias to start from. None given: those that a new model has. */
  readonly start: readonly [number, number] | null;
}

export interface Walker {
  /** Weight and bias. */
  readonly place: readonly [number, number];
  /** How far the loss over all samples lies above the lowest that a line can have. */
  readonly above: number;
  /** How many samples its updates have looked at. */
  readonly seen: number;
}

export interface State {
  readonly full: Walker;
  readonly batch: Walker;
  readonly single: Walker;
  /** The rates above which full-batch descent flies apart, and descent on the steepest sample alone. */
  readonly limits: { readonly full: number; readonly single: number };
  /** Comes with the first state. */
  readonly land: Land | null;
}

export interface Land {
  readonly lowest: readonly [number, number];
  /** `above` on a grid: rows of b, from the lowest, columns of w. */
  readonly heights: readonly (readonly number[])[];
}

type Batch = readonly [Tensor, Tensor];

export async function* experiment({ seed, rate, batchSize, count, start }: Settings): AsyncGenerator<State> {
  manualSeed(seed);
  const X = rand([Number(count), 1]).mul(10);
  const y = X.mul(2)
    .add(3)
    .add(randn([Number(count), 1]));
  const dataset = new TensorDataset(X, y);
  const bowl = await bowlOf(X, y);
  const fresh = new Linear(1, 1);
  const from = start ?? [await fresh.weight.item(), await fresh.bias!.item()];

  const full = walk(from, rate, [[X, y]]);
  const batch = walk(from, rate, new DataLoader(dataset, { batchSize, shuffle: true }));
  const single = walk(from, rate, new DataLoader(dataset, { batchSize: 1, shuffle: true }));
  const now = async (walker: AsyncGenerator<Omit<Walker, "above">, never>): Promise<Walker> => {
    const { place, seen } = (await walker.next()).value;
    return { place, seen, above: bowl.above(place) };
  };
  for (let land: Land | null = await survey(bowl); ; land = null)
    yield { full: await now(full), batch: await now(batch), single: await now(single), limits: bowl.limits, land };
}

/** Says where it is, and then does an update with the next batch. */
async function* walk(
  [w, b]: readonly [number, number],
  lr: number,
  batches: Iterable<Batch> | AsyncIterable<Batch>,
): AsyncGenerator<Omit<Walker, "above">, never> {
  const model = new Linear(1, 1);
  model.loadStateDict({ weight: tensor([[w]]), bias: tensor([b]) });
  const criterion = new MSELoss();
  const optimizer = new SGD(model.parameters(), { lr });
  let seen = 0;
  for (;;) {
    for await (const [batchX, batchY] of batches) {
      yield { place: [await model.weight.item(), await model.bias!.item()], seen };
      optimizer.zeroGrad();
      criterion.forward(model.forward(batchX), batchY).backward();
      optimizer.step();
      seen += batchX.shape[0]!;
    }
  }
}

interface Bowl {
  readonly lowest: readonly [number, number];
  readonly above: (place: readonly [number, number]) => number;
  readonly limits: State["limits"];
}

// The loss over all samples is a bowl. (dw, db) away from its lowest point it is higher by mean(x²) dw² + 2 mean(x) dw db + db².
async function bowlOf(X: Tensor, Y: Tensor): Promise<Bowl> {
  const [x, y] = [X.to("float64"), Y.to("float64")];
  const numbers = stack([x.mean(), y.mean(), x.square().mean(), x.mul(y).mean(), x.square().amax()], 0);
  const [mx, my, mxx, mxy, largest] = (await numbers.tolist()) as [number, number, number, number, number];
  const w = (mxy - mx * my) / (mxx - mx * mx);
  const lowest = [w, my - w * mx] as const;
  const above = ([w, b]: readonly [number, number]): number => {
    const [dw, db] = [w - lowest[0], b - lowest[1]];
    return mxx * dw * dw + 2 * mx * dw * db + db * db;
  };
  const steepest = (mxx + 1) / 2 + Math.hypot((mxx - 1) / 2, mx); // half of the Hessian's larger eigenvalue
  return { lowest, above, limits: { full: 1 / steepest, single: 1 / (largest + 1) } };
}

async function survey({ lowest, above }: Bowl): Promise<Land> {
  const w = (await linspace(-2, 4, 61, { dtype: "float64" }).tolist()) as number[];
  const b = (await linspace(-4, 8, 61, { dtype: "float64" }).tolist()) as number[];
  return { lowest, heights: b.map((b) => w.map((w) => above([w, b]))) };
}
