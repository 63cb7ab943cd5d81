import { compile, type Tensor, tensor } from "@downhill/core";
import { DataLoader, TensorDataset } from "@downhill/data";
import { Linear, MSELoss } from "@downhill/nn";
import { SGD } from "@downhill/optim";
import type { Runner } from "../../runner.ts";
import { batchSize, checkedSteps, count, lossOf, points, rate, start } from "../../work/lesson.ts";

interface Lesson {
  readonly X: Tensor;
  readonly y: Tensor;
  readonly model: Linear;
  readonly criterion: MSELoss;
  readonly optimizer: SGD;
  /** The loss over all points, after reading the parameters. */
  loss(): Promise<number>;
}

function lesson(): Lesson {
  const { xs, ys } = points();
  const model = new Linear(1, 1);
  model.loadStateDict({ weight: tensor([[start.weight]]), bias: tensor([start.bias]) });
  return {
    X: tensor(xs).view(count, 1),
    y: tensor(ys).view(count, 1),
    model,
    criterion: new MSELoss(),
    optimizer: new SGD(model.parameters(), { lr: rate }),
    async loss() {
      return lossOf(await model.weight.item(), await model.bias!.item());
    },
  };
}

/** A runner that checks the loss after so many steps. */
const checked = ({ loss }: Pick<Lesson, "loss">, run: (steps: number) => void | Promise<void>): Runner => ({
  run,
  async check() {
    await run(checkedSteps);
    return [await loss()];
  },
});

/** As the lesson writes it: one sample per step, nothing awaited. */
export async function program2(): Promise<Runner> {
  const state = lesson();
  const { X, y, model, criterion, optimizer } = state;
  return checked(state, (steps) => {
    for (let k = 0; k < steps; k++) {
      const i = k % count;
      optimizer.zeroGrad();
      const loss = criterion.forward(model.forward(X.at(i)), y.at(i));
      loss.backward();
      optimizer.step();
    }
  });
}

/** The same step through `compile`; its sample is a tensor argument, taken out before. */
export async function program2Compiled(): Promise<Runner> {
  const state = lesson();
  const { X, y, model, criterion, optimizer } = state;
  const samples = Array.from({ length: count }, (_, i): [Tensor, Tensor] => [X.at(i), y.at(i)]);
  await Promise.all(samples.flat().map((sample) => sample.item()));
  const step = compile((x: Tensor, target: Tensor): Tensor => {
    optimizer.zeroGrad();
    const loss = criterion.forward(model.forward(x), target);
    loss.backward();
    optimizer.step();
    return loss;
  });
  return checked(state, (steps) => {
    for (let k = 0; k < steps; k++) {
      const [x, target] = samples[k % count]!;
      step(x, target);
    }
  });
}

/** A shuffled loader with batches of 10, `for await`, no loss read. */
export async function program3(): Promise<Runner> {
  const state = lesson();
  const { X, y, model, criterion, optimizer } = state;
  const loader = new DataLoader(new TensorDataset(X, y), { batchSize, shuffle: true });
  return checked(state, async (steps) => {
    for (let done = 0; done < steps;) {
      for await (const [batchX, batchY] of loader) {
        optimizer.zeroGrad();
        const loss = criterion.forward(model.forward(batchX), batchY);
        loss.backward();
        optimizer.step();
        if (++done === steps) break;
      }
    }
  });
}
