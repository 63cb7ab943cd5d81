// Gradient descent on Rosenbrock's valley, a walker who only knows the slope under their feet
import { grad, hessian, linspace, manualSeed, type Tensor, tensor, uniform } from "@downhill/core";

export interface Settings {
  readonly seed: number;
  /** Where the walk starts. Nowhere named: the seed draws a place. */
  readonly start: readonly [number, number] | null;
  readonly rate: number;
}

export interface State {
  readonly place: readonly [number, number];
  readonly height: number;
  /** The gradient: how fast the ground rises along x and along y. */
  readonly slope: readonly [number, number];
  /** The rate above which steps grow instead of shrinking: 2 / λmax, from the curvature at this place. */
  readonly limit: number;
  /** The same at the lowest point, (1, 1). */
  readonly limitAtMinimum: number;
  /** Comes with the first state: the heights on a grid, row by row from the lowest y, for the map that we see. */
  readonly land: readonly (readonly number[])[] | null;
}

// Steep walls, and a floor that hardly falls: lowest at (1, 1).
function height(x: Tensor, y: Tensor): Tensor {
  return x.sub(1).square().add(y.sub(x.square()).square().mul(100));
}

export async function* experiment({ seed, start, rate }: Settings): AsyncGenerator<State> {
  manualSeed(seed);
  const drawn = uniform(-1, 2, [2], { dtype: "float64" });
  let place = start === null ? drawn : tensor([...start], { dtype: "float64" });
  const limitAtMinimum = await limitAt(tensor([1, 1], { dtype: "float64" }));
  let land: number[][] | null = await survey();

  for (;;) {
    place.requiresGrad_();
    const here = height(place.at(0), place.at(1));
    const [slope] = grad(here, [place]);
    const state = { height: await here.item(), limit: await limitAt(place), limitAtMinimum, land };
    yield { place: await pair(place), slope: await pair(slope!), ...state };
    if (!(state.height < 1e9)) return; // thrown out of the valley, for good
    land = null;
    place = place.detach().sub(slope!.mul(rate)); // the whole of gradient descent
  }
}

async function limitAt(place: Tensor): Promise<number> {
  const H = (await hessian((p: Tensor) => height(p.at(0), p.at(1)), place).tolist()) as [
    [number, number],
    [number, number],
  ];
  const [[a, b], [, d]] = H;
  const largest = (a + d) / 2 + Math.hypot((a - d) / 2, b); // of the two eigenvalues
  return 2 / largest;
}

async function survey(): Promise<number[][]> {
  const x = linspace(-2, 2, 81, { dtype: "float64" });
  const y = linspace(-1, 3, 81, { dtype: "float64" }).unsqueeze(1);
  return (await height(x, y).tolist()) as number[][];
}

async function pair(t: Tensor): Promise<[number, number]> {
  return (await t.tolist()) as [number, number];
}
