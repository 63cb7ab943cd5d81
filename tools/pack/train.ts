// What the pack test trains: program 3 of the lesson, from the packages as they are published.
import { manualSeed, noGrad, rand, randn } from "@downhill/core";
import { DataLoader, TensorDataset } from "@downhill/data";
import { Linear, MSELoss } from "@downhill/nn";
import { SGD } from "@downhill/optim";

manualSeed(0);
const X = rand([100, 1]).mul(10);
const y = X.mul(2)
  .add(3)
  .add(randn([100, 1]));

const model = new Linear(1, 1);
const criterion = new MSELoss();
const optimizer = new SGD(model.parameters(), { lr: 0.01 });
const loader = new DataLoader(new TensorDataset(X, y), { batchSize: 10, shuffle: true });

/** Prints the loss over all examples. */
async function report(): Promise<void> {
  const loss = noGrad(() => criterion.forward(model.forward(X), y));
  console.log((await loss.item()).toFixed(4));
}

await report();
for (let epoch = 0; epoch < 5; epoch++) {
  for await (const [batchX, batchY] of loader) {
    optimizer.zeroGrad();
    const loss = criterion.forward(model.forward(batchX), batchY);
    loss.backward();
    optimizer.step();
  }
  await report();
}
