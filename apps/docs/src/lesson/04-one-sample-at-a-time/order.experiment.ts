// Three walkers with the same samples, start and rate: they differ in the order alone
import { linspace, RandomState, stack, type Tensor } from "@downhill/core";

export interface Settings {
  /** Of NumPy's generator: draws the samples, the first line, and an order for each epoch of the second walker. */
  readonly seed: number;
  readonly rate: number;
}

/** As they were drawn, the same in each epoch; shuffled anew for each epoch; sorted by x. */
export type Order = "drawn" | "shuffled" | "sorted";

export interface Walker {
  readonly place: readonly [number, number];
  /** The average loss of all samples. */
  readonly average: number;
  /** The sample that it takes next, counted from 1. */
  readonly sample: number;
}

export interface State extends Readonly<Record<Order, Walker>> {
  /** Counted from 1. */
  readonly epoch: number;
  /** Comes with the first state: the average loss of 61 × 61 lines, rows of b from the lowest, columns of w. */
  readonly land: readonly (readonly number[])[] | null;
}

export async function* experiment({ seed, rate }: Settings): AsyncGenerator<State> {
  const random = new RandomState(seed);
  const X = random.uniform(0, 10, 100);
  const Y = X.mul(5).add(7).add(random.randn(100));
  const start = [random.randn(), random.randn()] as const;
  const [xs, ys] = [[...(await X.data())], [...(await Y.data())]] as [number[], number[]];

  let places = { drawn: start, shuffled: start, sorted: start };
  const drawn = xs.map((_, i) => i);
  const sorted = [...drawn].sort((i, j) => xs[i]! - xs[j]!);
  let land: number[][] | null = await survey(X, Y);

  for (let epoch = 1; ; epoch++) {
    const shuffled = random.permutation(drawn);
    for (let turn = 0; turn < 100; turn++) {
      const next = { drawn: drawn[turn]!, shuffled: shuffled[turn]!, sorted: sorted[turn]! };
      const averages = await average(X, Y, [places.drawn, places.shuffled, places.sorted]);
      const walker = (order: Order, i: number): Walker => ({
        place: places[order],
        average: averages[i]!,
        sample: next[order] + 1,
      });
      yield { epoch, drawn: walker("drawn", 0), shuffled: walker("shuffled", 1), sorted: walker("sorted", 2), land };
      if (!averages.some((each) => each < 1e9)) return; // all flown apart
      land = null;

      const update = (order: Order): readonly [number, number] => {
        const [w, b] = places[order];
        const x = xs[next[order]]!;
        const error = ys[next[order]]! - (w * x + b);
        return [w + rate * 2 * x * error, b + rate * 2 * error];
      };
      places = { drawn: update("drawn"), shuffled: update("shuffled"), sorted: update("sorted") };
    }
  }
}

async function average(X: Tensor, Y: Tensor, places: (readonly [number, number])[]): Promise<number[]> {
  const losses = stack(places.map(([w, b]) => X.mul(w).add(b).sub(Y).square().mean()));
  return (await losses.tolist()) as number[];
}

async function survey(X: Tensor, Y: Tensor): Promise<number[][]> {
  const w = linspace(4, 6.5, 61, { dtype: "float64" }).reshape([1, 61, 1]);
  const b = linspace(2, 9, 61, { dtype: "float64" }).reshape([61, 1, 1]);
  return (await w.mul(X).add(b).sub(Y).square().mean(2).tolist()) as number[][];
}
