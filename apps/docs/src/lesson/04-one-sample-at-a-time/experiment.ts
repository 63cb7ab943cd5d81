// Stochastic gradient descent by hand, one sample at a time: the lesson's first program, looked at from all sides
import { linspace, RandomState, stack, type Tensor } from "@downhill/core";

export interface Settings {
  /** Of NumPy's generator: draws a hundred samples along y = 5x + 7, with noise, and then the first line. */
  readonly seed: number;
  readonly rate: number;
  /** The first line: its w and b. None named: the seed's. */
  readonly start: readonly [number, number] | null;
}

export interface State {
  /** Whose turn it is, both counted from 1. */
  readonly epoch: number;
  readonly sample: number;
  readonly x: number;
  readonly y: number;
  readonly place: readonly [number, number];
  /** This sample's loss, and its gradient, which the next step goes against. */
  readonly loss: number;
  readonly gradient: readonly [number, number];
  /** The loss of all: the average. */
  readonly average: number;
  /** Each sample's gradient here. */
  readonly gradients: readonly (readonly [number, number])[];
  /** Of each sample, whether a step against its gradient leads uphill: the average loss would rise. */
  readonly uphill: readonly boolean[];
  /** Up to this rate no sample's step overshoots by more than the sample was off: 1 / (1 + largest x²). */
  readonly edge: number;
  /** Comes with the first state: the average loss of 61 × 61 lines, rows of b from the lowest, columns of w. */
  readonly land: readonly (readonly number[])[] | null;
}

export async function* experiment({ seed, rate, start }: Settings): AsyncGenerator<State> {
  const random = new RandomState(seed);
  const X = random.uniform(0, 10, 100);
  const Y = X.mul(5).add(7).add(random.randn(100));
  const drawn = [random.randn(), random.randn()] as const;
  let [w, b] = start ?? drawn;

  const [xs, ys] = [[...(await X.data())], [...(await Y.data())]] as [number[], number[]];
  const edge = 1 / (1 + Math.max(...xs) ** 2);
  let land: number[][] | null = await survey(X, Y);

  for (let epoch = 1; ; epoch++) {
    for (const [i, x] of xs.entries()) {
      const y = ys[i]!;
      const error = y - (w * x + b);
      const loss = error ** 2;
      const gradient = [-2 * x * error, -2 * error] as const; // of (y - ŷ)², by hand

      const all = await look(X, Y, w, b);
      yield { epoch, sample: i + 1, x, y, place: [w, b], loss, gradient, ...all, edge, land };
      if (!(all.average < 1e9)) return; // flown apart
      land = null;

      w -= rate * gradient[0];
      b -= rate * gradient[1];
    }
  }
}

// What the walker does not see: all samples at once.
async function look(
  X: Tensor,
  Y: Tensor,
  w: number,
  b: number,
): Promise<Pick<State, "average" | "gradients" | "uphill">> {
  const errors = Y.sub(X.mul(w).add(b));
  const gradients = stack([X.mul(errors), errors], 1).mul(-2);
  // Against gᵢ the average changes by -gᵢ · g, with g the mean of all: where that is positive, uphill.
  const uphill = gradients.matmul(gradients.mean(0)).lt(0);
  return {
    average: await errors.square().mean().item(),
    gradients: (await gradients.tolist()) as [number, number][],
    uphill: (await uphill.tolist()) as boolean[],
  };
}

async function survey(X: Tensor, Y: Tensor): Promise<number[][]> {
  const w = linspace(-1, 9, 61, { dtype: "float64" }).reshape([1, 61, 1]);
  const b = linspace(-3, 12, 61, { dtype: "float64" }).reshape([61, 1, 1]);
  return (await w.mul(X).add(b).sub(Y).square().mean(2).tolist()) as number[][];
}
