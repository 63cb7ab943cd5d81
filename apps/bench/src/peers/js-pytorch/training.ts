import { torch } from "js-pytorch";
import type { Open, Runner } from "../../runner.ts";
import { trainer } from "../../runner.ts";
import * as lesson from "../../work/lesson.ts";
import { batch, layers, rates, sizes, transposed } from "../../work/mlp.ts";
import { shuffle } from "../plain/lesson.ts";

const { nn, optim } = torch;
type Tensor = InstanceType<typeof torch.Tensor>;

const onlyAdam = "its only optimizer is an Adam without bias correction";

/** It keeps numbers in nested arrays. */
export function nested(values: ArrayLike<number>, columns: number): number[][] {
  const rows = values.length / columns;
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => values[row * columns + column]!),
  );
}

const matrix = (values: ArrayLike<number>, columns: number): Tensor => torch.tensor(nested(values, columns));

/** The training step as its guide writes it. */
function step(optimizer: InstanceType<typeof optim.Adam>, loss: Tensor): number {
  loss.backward();
  optimizer.step();
  optimizer.zero_grad();
  const [value] = [loss.data].flat(Infinity) as number[];
  return value!;
}

/** One of the lesson's programs; `batchSize` rows a step, in order or shuffled. */
export const program =
  (batchSize: number, shuffled: boolean): Open =>
  async (): Promise<Runner> => {
    const { xs, ys } = lesson.points();
    const model = new nn.Linear(1, 1);
    model.W = new torch.Parameter([[lesson.start.weight]]);
    model.b = new torch.Parameter([lesson.start.bias]);
    const criterion = new nn.MSELoss();
    const optimizer = new optim.Adam(model.parameters(), lesson.rate);
    const order = Int32Array.from(xs, (_, i) => i);
    let at = 0;
    return {
      differs: onlyAdam,
      run(steps) {
        for (let k = 0; k < steps; k++, at = (at + batchSize) % lesson.count) {
          if (shuffled && at === 0) shuffle(order);
          const rows = order.subarray(at, at + batchSize);
          const take = (values: Float32Array): Tensor => torch.tensor(Array.from(rows, (row) => [values[row]!]));
          step(optimizer, criterion.forward(model.forward(take(xs)), take(ys)));
        }
      },
      check: async () => [],
    };
  };

class MLP extends nn.Module {
  relu = new nn.ReLU();
  first = new nn.Linear(sizes[0], sizes[1]);
  second = new nn.Linear(sizes[1], sizes[2]);
  third = new nn.Linear(sizes[2], sizes[3]);

  forward(x: Tensor): Tensor {
    return this.third.forward(this.relu.forward(this.second.forward(this.relu.forward(this.first.forward(x)))));
  }
}

function training(model: MLP, checks?: number): Runner {
  const { pixels, classes } = batch(64);
  const X = matrix(pixels, 784);
  const y = torch.tensor([...classes]);
  const criterion = new nn.CrossEntropyLoss();
  const optimizer = new optim.Adam(model.parameters(), rates.adam);
  const runner = trainer(() => {
    const loss = step(optimizer, criterion.forward(model.forward(X), y));
    return () => loss;
  }, checks);
  return { ...runner, differs: "its Adam has no bias correction, and its relu slope 0.001 below 0" };
}

/** The MLP at batch 64 with its own Adam. */
export async function mlp(): Promise<Runner> {
  const model = new MLP();
  for (const [i, linear] of [model.first, model.second, model.third].entries()) {
    const { weight, bias, inputs, outputs } = layers()[i]!;
    linear.W = new torch.Parameter(nested(transposed(weight, outputs, inputs), outputs));
    linear.b = new torch.Parameter([...bias]);
  }
  return training(model);
}

/** From nothing but the import to a trained step. */
export async function firstStep(): Promise<Runner> {
  return {
    differs: "its initial weights are others, and it trains with its Adam",
    async run() {
      await training(new MLP(), 1).check();
    },
    check: async () => [],
  };
}
