// A line, some points, and how wrong the line is: example by example, and on average
import { linspace, manualSeed, rand, randn, stack, type Tensor, tensor } from "@downhill/core";

export interface Settings {
  readonly seed: number;
  /** The examples. None given: the seed draws eight along y = 2x + 3, with noise. */
  readonly points: readonly (readonly [number, number])[] | null;
  readonly w: number;
  readonly b: number;
}

export interface State {
  readonly points: readonly (readonly [number, number])[];
  /** What the line says at each x. */
  readonly predictions: readonly number[];
  /** y - ŷ: positive where the point lies above the line. */
  readonly residuals: readonly number[];
  /** The squared residuals. */
  readonly losses: readonly number[];
  /** How many examples have been counted so far. */
  readonly seen: number;
  /** The average loss of those: the loss. NaN before the first. */
  readonly average: number;
  /** Their average loss for other lines: rows of b, from the lowest, columns of w. */
  readonly land: readonly (readonly number[])[];
}

export async function* experiment({ seed, points, w, b }: Settings): AsyncGenerator<State> {
  const examples = points ?? (await draw(seed));
  const x = tensor(
    examples.map(([x]) => x),
    { dtype: "float64" },
  );
  const y = tensor(
    examples.map(([, y]) => y),
    { dtype: "float64" },
  );

  const predictions = x.mul(w).add(b);
  const residuals = y.sub(predictions);
  const losses = residuals.square();
  const line = {
    points: examples,
    predictions: await list(predictions),
    residuals: await list(residuals),
    losses: await list(losses),
  };

  for (let seen = 0; seen <= examples.length; seen++) {
    const average = await losses.narrow(0, 0, seen).mean().item();
    const land = await survey(x.narrow(0, 0, seen), y.narrow(0, 0, seen));
    yield { ...line, seen, average, land };
  }
}

// The same average for 41 slopes times 41 intercepts at once: shape [41, 41, examples], and the mean takes the last dim.
async function survey(x: Tensor, y: Tensor): Promise<number[][]> {
  const w = linspace(-1, 5, 41, { dtype: "float64" }).reshape([1, 41, 1]);
  const b = linspace(-7, 13, 41, { dtype: "float64" }).reshape([41, 1, 1]);
  return (await w.mul(x).add(b).sub(y).square().mean(2).tolist()) as number[][];
}

async function draw(seed: number): Promise<[number, number][]> {
  manualSeed(seed);
  const x = tenths(rand([8], { dtype: "float64" }).mul(10));
  const y = tenths(
    x
      .mul(2)
      .add(3)
      .add(randn([8], { dtype: "float64" }).mul(2)),
  );
  return (await stack([x, y], 1).tolist()) as [number, number][];
}

const tenths = (t: Tensor): Tensor => t.mul(10).round().div(10);

async function list(t: Tensor): Promise<number[]> {
  return (await t.tolist()) as number[];
}
