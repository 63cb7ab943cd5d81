// Six walkers in one narrow valley: the same start, the same slopes, six ways to use them
import { grad, hessian, linspace, manualSeed, randn, type Tensor, tensor, uniform } from "@downhill/core";
import { Adam, AdamW, cosine, LambdaLR, RMSprop, type Schedule, SGD, stepDecay, warmup } from "@downhill/optim";

export interface Settings {
  readonly seed: number;
  /** Where all of them start. Nowhere named: the seed draws a place. */
  readonly start: Place | null;
  /** The rate of SGD, momentum and Nesterov: times the slope, it is a length. */
  readonly rate: number;
  /** How much of the last step goes on, for momentum and Nesterov. */
  readonly momentum: number;
  /** The rate of RMSprop, Adam and AdamW: nearly a length by itself. */
  readonly stride: number;
  /** AdamW's weight decay. */
  readonly decay: number;
  /** How far the valley is turned against the axes, in degrees. */
  readonly turn: number;
  /** How much chance there is in each slope that is felt, as with mini-batches. */
  readonly noise: number;
  readonly schedule: "constant" | "steps" | "cosine" | "warmup";
}

type Place = readonly [number, number];

export interface State {
  /** Each walker's place, and how high it is there. */
  readonly walkers: Readonly<Record<string, { place: Place; height: number }>>;
  /** How much of its rate each uses in the next step. */
  readonly share: number;
  /** The rates above which SGD, momentum and Nesterov fly apart here. */
  readonly edges: Readonly<Record<"SGD" | "Momentum" | "Nesterov", number>>;
  /** Comes with the first state: heights row by row from the lowest y, and the lowest point. */
  readonly map: { x: Place; y: Place; heights: number[][]; bottoms: readonly Place[] } | null;
}

const walkers = {
  SGD: (w: Tensor, { rate }: Settings) => new SGD([w], { lr: rate }),
  Momentum: (w: Tensor, { rate, momentum }: Settings) => new SGD([w], { lr: rate, momentum }),
  Nesterov: (w: Tensor, { rate, momentum }: Settings) => new SGD([w], { lr: rate, momentum, nesterov: momentum > 0 }),
  RMSprop: (w: Tensor, { stride }: Settings) => new RMSprop([w], { lr: stride }),
  Adam: (w: Tensor, { stride }: Settings) => new Adam([w], { lr: stride }),
  AdamW: (w: Tensor, { stride, decay }: Settings) => new AdamW([w], { lr: stride, weightDecay: decay }),
};

const schedules: Record<Settings["schedule"], Schedule> = {
  constant: () => 1,
  steps: stepDecay(60, 0.2),
  cosine: cosine(200),
  warmup: warmup(20, cosine(180)),
};

// Lowest at (1, 0.5), and 132 times as steep across as along: chapter 3's valley.
function height(x: Tensor, y: Tensor, turn: number): Tensor {
  const [cos, sin] = [Math.cos((turn * Math.PI) / 180), Math.sin((turn * Math.PI) / 180)];
  const along = x.sub(1).mul(cos).add(y.sub(0.5).mul(sin));
  const across = y.sub(0.5).mul(cos).sub(x.sub(1).mul(sin));
  return along.square().add(across.square().mul(132)).div(2);
}

export async function* experiment(settings: Settings): AsyncGenerator<State> {
  const { seed, start, turn, noise } = settings;
  manualSeed(seed);
  const drawn = await pair(uniform(-2, 2, [2], { dtype: "float64" }));
  const schedule = schedules[settings.schedule];
  const field = Object.entries(walkers).map(([name, make]) => {
    const place = tensor([...(start ?? drawn)], { dtype: "float64", requiresGrad: true });
    const optimizer = make(place, settings);
    return { name, place, optimizer, scheduler: new LambdaLR(optimizer, { lrLambda: schedule }) };
  });
  const edges = await edgesOf(settings);
  let map: State["map"] = { x: [-3, 3], y: [-2.4, 2.4], heights: await survey(turn), bottoms: [[1, 0.5]] };

  for (let step = 0; ; step++) {
    const state: Record<string, State["walkers"][string]> = {};
    const chance = randn([2], { dtype: "float64" }).mul(noise); // the same for all
    for (const { name, place, optimizer, scheduler } of field) {
      const here = height(place.at(0), place.at(1), turn);
      state[name] = { place: await pair(place), height: await here.item() };
      if (!(state[name].height < 1e9)) continue; // thrown out, for good
      place.grad = grad(here, [place])[0]!.add(chance);
      optimizer.step();
      scheduler.step();
    }
    yield { walkers: state, share: schedule(step), edges, map };
    map = null;
  }
}

// What is left of a distance must shrink. For a step of rate · slope that is so below 2 / λ, λ the strongest curvature;
// what goes on from the last step, b, moves that edge, and looking ahead moves it down again.
async function edgesOf({ momentum: b, turn }: Settings): Promise<State["edges"]> {
  const bottom = tensor([1, 0.5], { dtype: "float64" });
  const H = await hessian((p: Tensor) => height(p.at(0), p.at(1), turn), bottom).tolist();
  const [[xx, xy], [, yy]] = H as [[number, number], [number, number]];
  const curvature = (xx + yy) / 2 + Math.hypot((xx - yy) / 2, xy); // the larger eigenvalue
  const edge = (2 + 2 * b) / curvature;
  return { SGD: 2 / curvature, Momentum: edge, Nesterov: edge / (1 + 2 * b) };
}

async function survey(turn: number): Promise<number[][]> {
  const x = linspace(-3, 3, 61, { dtype: "float64" });
  const y = linspace(-2.4, 2.4, 61, { dtype: "float64" }).unsqueeze(1);
  return (await height(x, y, turn).tolist()) as number[][];
}

async function pair(t: Tensor): Promise<[number, number]> {
  return (await t.tolist()) as [number, number];
}
