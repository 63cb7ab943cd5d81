import { manualSeed, rand, randn } from "@downhill/core";
import { Linear, MSELoss } from "@downhill/nn";
import { SGD } from "@downhill/optim";

/** Trains a line for twenty epochs, and gives its weight and its bias, which should be near 2 and 3. */
export async function train(): Promise<[number, number]> {
  manualSeed(0);
  const X = rand([50, 1]).mul(4);
  const y = X.mul(2)
    .add(3)
    .add(randn([50, 1]).mul(0.1));
  const model = new Linear(1, 1);
  const criterion = new MSELoss();
  const optimizer = new SGD(model.parameters(), { lr: 0.02 });

  for (let epoch = 0; epoch < 20; epoch++) {
    for (let i = 0; i < 50; i++) {
      const loss = criterion.forward(model.forward(X.at(i)), y.at(i));
      loss.backward();
      optimizer.step();
    }
  }
  return [await model.weight.item(), await model.bias!.item()];
}
