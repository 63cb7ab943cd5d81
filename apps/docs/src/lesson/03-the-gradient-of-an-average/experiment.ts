// Gradient descent on an average: every step goes along the mean of all examples' gradients
import { linalg, linspace, manualSeed, onesLike, rand, randn, stack, type Tensor, tensor } from "@downhill/core";

export interface Settings {
  /** Draws the hundred examples along y = 2x + 3, with noise. */
  readonly seed: number;
  readonly rate: number;
  /** The first line: its w and b. */
  readonly start: readonly [number, number];
  /** What becomes of the hundred gradients. */
  readonly combine: "mean" | "sum";
}

export interface State {
  readonly place: readonly [number, number];
  /** The average loss. */
  readonly loss: number;
  /** Each example's own gradient, along w and along b. */
  readonly gradients: readonly (readonly [number, number])[];
  /** Their mean, or their sum: what the step goes against. */
  readonly gradient: readonly [number, number];
  /** The rate above which the walk flies apart: 2 / λmax. */
  readonly edge: number;
  /** The line with the lowest loss. */
  readonly best: readonly [number, number];
  /** Comes with the first state: the average loss of 61 × 61 lines, rows of b from the lowest, columns of w. */
  readonly land: readonly (readonly number[])[] | null;
}

export async function* experiment({ seed, rate, start, combine }: Settings): AsyncGenerator<State> {
  const [x, y] = draw(seed);
  const joined = (each: Tensor): Tensor => (combine === "mean" ? each.mean(0) : each.sum(0));

  // The loss is a parabola in (w, b), and its curvature the same everywhere: for one example 2·(x, 1)ᵀ(x, 1).
  const inputs = stack([x, onesLike(x)], 1);
  const curvature = joined(inputs.unsqueeze(2).mul(inputs.unsqueeze(1)).mul(2));
  const steepest = linalg.eigvalsh(curvature).at(-1);
  const best = linalg.solve(inputs.t().matmul(inputs), inputs.t().matmul(y));
  const same = { edge: 2 / (await steepest.item()), best: await pair(best) };

  let land: number[][] | null = await survey(x, y);
  let place = tensor([...start], { dtype: "float64" });
  for (;;) {
    const residuals = y.sub(x.mul(place.at(0)).add(place.at(1)));
    const gradients = stack([residuals.mul(x).mul(-2), residuals.mul(-2)], 1); // a row for each example
    const gradient = joined(gradients);

    const loss = await residuals.square().mean().item();
    const each = (await gradients.tolist()) as [number, number][];
    yield { place: await pair(place), loss, gradients: each, gradient: await pair(gradient), ...same, land };
    if (!(loss < 1e9)) return; // flown apart
    land = null;
    place = place.sub(gradient.mul(rate));
  }
}

// The very data of the lesson's second program, if the seed is 0.
function draw(seed: number): [Tensor, Tensor] {
  manualSeed(seed);
  const x = rand([100]).mul(10);
  const y = x
    .mul(2)
    .add(3)
    .add(randn([100]));
  return [x.to("float64"), y.to("float64")];
}

async function survey(x: Tensor, y: Tensor): Promise<number[][]> {
  const w = linspace(-1, 5, 61, { dtype: "float64" }).reshape([1, 61, 1]);
  const b = linspace(-4, 8, 61, { dtype: "float64" }).reshape([61, 1, 1]);
  return (await w.mul(x).add(b).sub(y).square().mean(2).tolist()) as number[][];
}

async function pair(t: Tensor): Promise<[number, number]> {
  return (await t.tolist()) as [number, number];
}
