// The same descent, seen along the valley's own axes: each step multiplies either distance by a number of its own
import { linalg, linspace, manualSeed, onesLike, rand, randn, stack, tensor } from "@downhill/core";

export interface Settings {
  /** Draws the hundred examples along y = 2x + 3, with noise. */
  readonly seed: number;
  readonly rate: number;
}

export interface State {
  /** How far the walker is from the best line, along the flattest and along the steepest direction. */
  readonly away: readonly [flat: number, steep: number];
  /** The curvature along the two: the eigenvalues of the Hessian. */
  readonly curvatures: readonly [flat: number, steep: number];
  /** What one step multiplies the distances by: 1 - rate · curvature. */
  readonly factors: readonly [flat: number, steep: number];
  /** The steepest curvature over the flattest. */
  readonly condition: number;
  /** The rate at which a factor becomes -1: 2 / λmax. */
  readonly edge: number;
  /** How much more than the best line's the average loss is. */
  readonly excess: number;
  /** Comes with the first state: that excess on a grid from -5 to 5, rows along the steep direction. */
  readonly land: readonly (readonly number[])[] | null;
}

export async function* experiment({ seed, rate }: Settings): AsyncGenerator<State> {
  manualSeed(seed);
  const X = rand([100]).mul(10);
  const Y = X.mul(2)
    .add(3)
    .add(randn([100]));
  const [x, y] = [X.to("float64"), Y.to("float64")];

  const inputs = stack([x, onesLike(x)], 1);
  const H = inputs
    .t()
    .matmul(inputs)
    .mul(2 / 100); // the Hessian: the same at every place
  const [values, axes] = linalg.eigh(H); // growing: the flat axis first
  const best = linalg.solve(inputs.t().matmul(inputs), inputs.t().matmul(y));

  const [flat, steep] = (await values.tolist()) as [number, number];
  const ahead = linspace(-5, 5, 121, { dtype: "float64" });
  const heights = ahead.square().mul(flat).add(ahead.unsqueeze(1).square().mul(steep)).div(2);
  let land: number[][] | null = (await heights.tolist()) as number[][];
  const same = {
    curvatures: [flat, steep],
    factors: [1 - rate * flat, 1 - rate * steep],
    condition: steep / flat,
    edge: 2 / steep,
  } as const;

  let place = tensor([0, 0], { dtype: "float64" }); // w and b
  for (;;) {
    const away = (await axes.t().matmul(place.sub(best)).tolist()) as [number, number];
    const excess = (flat * away[0] ** 2 + steep * away[1] ** 2) / 2;
    yield { away, excess, ...same, land };
    if (!(excess < 1e9)) return; // flown apart
    land = null;
    const residuals = y.sub(inputs.matmul(place));
    const gradient = inputs
      .t()
      .matmul(residuals)
      .mul(-2 / 100); // the mean of all examples' gradients
    place = place.sub(gradient.mul(rate));
  }
}
