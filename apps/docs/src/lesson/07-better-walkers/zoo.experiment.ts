// Six walkers on grounds that are no bowls: bends, several lowest points, saddles
import { grad, linspace, manualSeed, randn, type Tensor, tensor } from "@downhill/core";
import { Adam, AdamW, RMSprop, SGD } from "@downhill/optim";

export interface Settings {
  readonly seed: number;
  readonly ground: "rosenbrock" | "beale" | "himmelblau" | "saddle" | "hollows";
  /** Where all of them start. Nowhere named: the ground's usual place. */
  readonly start: Place | null;
  /** What all rates are multiplied by. */
  readonly times: number;
  /** How much chance there is in each slope that is felt. */
  readonly noise: number;
}

type Place = readonly [number, number];

export interface State {
  /** Each walker's place, and how high it is there above the lowest point of all. */
  readonly walkers: Readonly<Record<string, { place: Place; height: number }>>;
  /** Comes with the first state: heights row by row from the lowest y, and where slopes are zero at the bottom. */
  readonly map: { x: Place; y: Place; heights: number[][]; bottoms: readonly Place[] } | null;
}

interface Ground {
  readonly height: (x: Tensor, y: Tensor) => Tensor;
  readonly x: Place;
  readonly y: Place;
  readonly start: Place;
  readonly bottoms: readonly Place[];
  /** For walkers whose steps grow with the slope, and for those whose steps do not. */
  readonly rates: Place;
}

const grounds: Record<Settings["ground"], Ground> = {
  rosenbrock: {
    height: (x, y) => x.sub(1).square().add(y.sub(x.square()).square().mul(100)),
    x: [-2, 2],
    y: [-1, 3],
    start: [-1.2, 1],
    bottoms: [[1, 1]],
    rates: [0.0006, 0.05],
  },
  beale: {
    height(x, y) {
      const term = (target: number, power: number): Tensor => x.mul(y.pow(power)).sub(x).add(target).square();
      return term(1.5, 1).add(term(2.25, 2)).add(term(2.625, 3));
    },
    x: [-1, 4.5],
    y: [-1.5, 1.5],
    start: [1, 1.2],
    bottoms: [[3, 0.5]],
    rates: [0.003, 0.03],
  },
  himmelblau: {
    height: (x, y) => x.square().add(y).sub(11).square().add(x.add(y.square()).sub(7).square()),
    x: [-5, 5],
    y: [-5, 5],
    start: [0, -1],
    bottoms: [
      [3, 2],
      [-2.805118, 3.131313],
      [-3.77931, -3.283186],
      [3.584428, -1.848127],
    ],
    rates: [0.003, 0.1],
  },
  // Between two hollows, at (0, 0), the slope is zero too: down along y, up along x.
  saddle: {
    height: (x, y) => x.square().sub(y.square()).add(y.pow(4).div(2)),
    x: [-2, 2],
    y: [-2, 2],
    start: [-1.5, 0],
    bottoms: [
      [0, -1],
      [0, 1],
    ],
    rates: [0.02, 0.02],
  },
  // A deep one on the left, a shallow one on the right.
  hollows: {
    height: (x, y) => x.square().sub(1).square().add(x.mul(0.3)).add(y.square()),
    x: [-2, 2],
    y: [-2, 2],
    start: [1.6, 1.2],
    bottoms: [
      [-1.03557871, 0],
      [0.96014956, 0],
    ],
    rates: [0.02, 0.02],
  },
};

type Make = (place: Tensor, rate: number, stride: number) => SGD | RMSprop | Adam;
const walkers: Record<string, Make> = {
  SGD: (w, lr) => new SGD([w], { lr }),
  Momentum: (w, lr) => new SGD([w], { lr, momentum: 0.9 }),
  Nesterov: (w, lr) => new SGD([w], { lr, momentum: 0.9, nesterov: true }),
  RMSprop: (w, _, lr) => new RMSprop([w], { lr }),
  Adam: (w, _, lr) => new Adam([w], { lr }),
  AdamW: (w, _, lr) => new AdamW([w], { lr }),
};

export async function* experiment(settings: Settings): AsyncGenerator<State> {
  const { seed, times, noise } = settings;
  const { height, x, y, start, bottoms, rates } = grounds[settings.ground];
  manualSeed(seed);
  const field = Object.entries(walkers).map(([name, make]) => {
    const place = tensor([...(settings.start ?? start)], { dtype: "float64", requiresGrad: true });
    return { name, place, optimizer: make(place, rates[0] * times, rates[1] * times) };
  });
  const lowest = Math.min(...(await Promise.all(bottoms.map((each) => heightAt(each)))));
  let map: State["map"] = { x, y, heights: await survey(), bottoms };

  for (;;) {
    const state: Record<string, State["walkers"][string]> = {};
    const chance = randn([2], { dtype: "float64" }).mul(noise); // the same for all
    for (const { name, place, optimizer } of field) {
      const here = height(place.at(0), place.at(1));
      state[name] = { place: (await place.tolist()) as [number, number], height: (await here.item()) - lowest };
      if (!(state[name].height < 1e9)) continue; // thrown out, for good
      place.grad = grad(here, [place])[0]!.add(chance);
      optimizer.step();
    }
    yield { walkers: state, map };
    map = null;
  }

  function heightAt([px, py]: Place): Promise<number> {
    return height(tensor(px, { dtype: "float64" }), tensor(py, { dtype: "float64" })).item();
  }

  async function survey(): Promise<number[][]> {
    const across = linspace(x[0], x[1], 81, { dtype: "float64" });
    const up = linspace(y[0], y[1], 81, { dtype: "float64" }).unsqueeze(1);
    return (await height(across, up).sub(lowest).tolist()) as number[][];
  }
}
