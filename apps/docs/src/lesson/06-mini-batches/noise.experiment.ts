// One place, many batches: how far do their gradients stray from the full one?
import { arange, cat, manualSeed, ones, rand, randint, randn, randperm, type Tensor } from "@downhill/core";
import { Linear } from "@downhill/nn";

export type Pair = readonly [number, number];

export interface Settings {
  readonly seed: number;
  readonly batchSize: number;
  /** Where to look: after how many full-batch updates, with a rate of 0.01, from program 3's start. */
  readonly walked: "0" | "3" | "10" | "100" | "1000";
  /** Whether a sample may come twice in a batch. A shuffled epoch never does that. */
  readonly replacement: boolean;
}

export interface State {
  /** Comes with the first state: each sample's own gradient, along w and along b. */
  readonly samples: readonly Pair[] | null;
  /** The full gradient: the average over all samples. */
  readonly full: Pair;
  /** The newest batch's gradient. Null before the first. */
  readonly gradient: Pair | null;
  /** Between the two, in degrees. */
  readonly angle: number;
  readonly batchSize: number;
  /** Batch sizes to compare, that one among them. */
  readonly sizes: readonly number[];
  /** The mean squared distance of the batches' gradients from the full one, so far, for each of the sizes. */
  readonly measured: readonly number[];
  /** What it is on average over all possible batches. */
  readonly expected: readonly number[];
}

const count = 100;
const usualSizes = [1, 2, 3, 5, 10, 20, 30, 50, 70, 90, 100];

export async function* experiment({ seed, batchSize, walked, replacement }: Settings): AsyncGenerator<State> {
  manualSeed(seed);
  const X = rand([count, 1]).mul(10);
  const Y = X.mul(2)
    .add(3)
    .add(randn([count, 1]));
  const [x, y] = [X.to("float64"), Y.to("float64")]; // the lesson's numbers, and from here on many digits
  new Linear(1, 1); // program 2's model
  const { weight, bias } = new Linear(1, 1);
  let place: Pair = [await weight.item(), await bias!.item()];

  // A sample's gradient is 2 (ŷ - y) (x, 1): a row for each.
  const inputs = cat([x, ones([count, 1], { dtype: "float64" })], 1);
  const gradients = ([w, b]: Pair): Tensor => x.mul(w).add(b).sub(y).mul(2).mul(inputs);
  for (let i = 0; i < Number(walked); i++) {
    const [alongW, alongB] = await pair(gradients(place).mean(0));
    place = [place[0] - 0.01 * alongW, place[1] - 0.01 * alongB];
  }
  const samples = gradients(place);
  const mean = samples.mean(0);
  const squaredDistance = (t: Tensor): Tensor => t.sub(mean).square().sum(1);

  const full = await pair(mean);
  const variance = await squaredDistance(samples).mean().item();
  const sizes = [...new Set([...usualSizes, batchSize])].sort((a, b) => a - b);
  // Without replacement, batches differ less the more of the samples they hold; the batch of all is the full gradient.
  const expected = sizes.map((B) => (variance / B) * (replacement ? 1 : (count - B) / (count - 1)));
  const known = { full, batchSize, sizes, expected };
  const first = (await samples.tolist()) as [number, number][];
  yield { samples: first, gradient: null, angle: NaN, measured: sizes.map(() => NaN), ...known };

  const sums = sizes.map(() => 0);
  for (let drawn = 1; ; drawn++) {
    // The first B in a random order are a batch of B. Running averages give the gradients for all B at once.
    const order = replacement ? randint(0, count, [count]) : randperm(count);
    const held = arange(1, count + 1, 1, { dtype: "float64" }).unsqueeze(1);
    const averages = samples.indexSelect(0, order).cumsum(0).div(held);
    const distances = (await squaredDistance(averages).tolist()) as number[];
    sizes.forEach((B, i) => (sums[i]! += distances[B - 1]!));

    const gradient = await pair(averages.at(batchSize - 1));
    const measured = sums.map((sum) => sum / drawn);
    yield { samples: null, gradient, angle: angleBetween(gradient, full), measured, ...known };
  }
}

function angleBetween(a: Pair, b: Pair): number {
  const cosine = (a[0] * b[0] + a[1] * b[1]) / (Math.hypot(...a) * Math.hypot(...b));
  return (Math.acos(Math.max(-1, Math.min(1, cosine))) * 180) / Math.PI;
}

async function pair(t: Tensor): Promise<Pair> {
  return (await t.tolist()) as [number, number];
}
