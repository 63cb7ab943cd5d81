// A batch of 256 at once, and in parts whose gradients add up: the same to the last bit?
import { manualSeed, noGrad, randn, type Tensor } from "@downhill/core";
import { BatchNorm1d, Dropout, Identity, Linear, MSELoss, ReLU, Sequential } from "@downhill/nn";

export interface Settings {
  readonly seed: number;
  /** How many parts the batch is taken in. */
  readonly parts: "2" | "4" | "8" | "16";
  /** Of what all numbers are: float32, float64, or whole numbers, which float32 adds up without rounding. */
  readonly numbers: "float32" | "float64" | "whole";
  /** What stands between the two linear layers, before ReLU. */
  readonly layer: "none" | "batchNorm" | "dropout";
}

export interface State {
  /** How many parts have been added up. */
  readonly done: number;
  /** The gradient of the whole batch, entry by entry, and what the parts have come to. */
  readonly whole: readonly number[];
  readonly sum: readonly number[];
  /** How many leading bits of each entry agree, of `precision`. */
  readonly bits: readonly number[];
  readonly precision: number;
}

const layers = { none: () => new Identity(), batchNorm: () => new BatchNorm1d(16), dropout: () => new Dropout(0.5) };

export async function* experiment({ seed, parts, numbers, layer }: Settings): AsyncGenerator<State> {
  manualSeed(seed);
  const dtype = numbers === "float64" ? "float64" : "float32";
  const tidy = (t: Tensor, times = 1): Tensor => (numbers === "whole" ? t.mul(times).round() : t);
  const x = tidy(randn([256, 8], { dtype }));
  const y = tidy(x.sum(1, { keepdim: true }).add(randn([256, 1], { dtype })));
  const model = new Sequential(new Linear(8, 16), layers[layer](), new ReLU(), new Linear(16, 1)).to(dtype);
  const weights = [...model.parameters()];
  noGrad(() => weights.forEach((weight) => weight.copy_(tidy(weight, 4))));
  const criterion = new MSELoss();

  criterion.forward(model.forward(x), y).backward();
  const whole = await gradient();

  model.zeroGrad();
  const [count, precision] = [Number(parts), dtype === "float64" ? 53 : 24];
  const size = 256 / count;
  for (let done = 0; done <= count; done++) {
    const sum = done === 0 ? whole.map(() => 0) : await gradient();
    const bits = whole.map((value, i) => agreement(value, sum[i]!, precision));
    yield { done, whole, sum, bits, precision };
    if (done === count) return;
    const [xs, ys] = [x.narrow(0, done * size, size), y.narrow(0, done * size, size)];
    criterion.forward(model.forward(xs), ys).div(count).backward(); // .grad adds up
  }

  async function gradient(): Promise<number[]> {
    const all = await Promise.all(weights.map(({ grad }) => grad!.flatten().tolist()));
    return all.flat() as number[];
  }
}

/** Counted from the first bit that is not 0: as far as the difference does not reach. */
function agreement(a: number, b: number, precision: number): number {
  if (a === b) return precision;
  const bits = -Math.log2(Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b)));
  return Math.min(precision, Math.max(0, Math.floor(bits)));
}
