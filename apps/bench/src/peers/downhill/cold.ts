import { defaultDevice, type Tensor, tensor } from "@downhill/core";
import { flush } from "@downhill/core/engine";
import { CrossEntropyLoss, Linear, ReLU, Sequential } from "@downhill/nn";
import { SGD } from "@downhill/optim";
import { dearest, type Runner } from "../../runner.ts";
import { chain, chainInput, sample } from "../../work/arrays.ts";
import { batch, momentum, rates } from "../../work/mlp.ts";

/** From nothing but the imports to a trained step: model, initial values, optimizer, batch, step, loss. */
export async function firstStep(): Promise<Runner> {
  const { pixels, classes } = batch(64);
  let first = NaN;
  return {
    async run() {
      const model = new Sequential(
        new Linear(784, 256),
        new ReLU(),
        new Linear(256, 128),
        new ReLU(),
        new Linear(128, 10),
      );
      const criterion = new CrossEntropyLoss();
      const optimizer = new SGD(model.parameters(), { lr: rates.sgd, momentum });
      const loss = criterion.forward(model.forward(tensor(pixels).view(64, 784)), tensor(classes));
      loss.backward();
      optimizer.step();
      first = await loss.item();
    },
    check: async () => [first],
  };
}

function links(x: Tensor): Tensor {
  let y = x;
  for (let k = 0; k < chain.repeats; k++) y = y.mul(x).tanh();
  return y;
}

/** The CPU is done after a flush; a GPU has to be waited for. */
async function done(result: Tensor): Promise<void> {
  flush(result);
  if (defaultDevice().name !== "cpu") await result.data();
}

/** What a new Program costs beside running it. Another one ran before. */
export async function compile30(): Promise<Runner> {
  const x = tensor(chainInput());
  return dearest(
    () => done(x.add(1)),
    () => done(links(x)),
    async () => sample(await links(x).data()),
  );
}
