// Mini-batches from a dataset and a shuffling loader
import { manualSeed, rand, randn } from "@downhill/core";
import { DataLoader, TensorDataset } from "@downhill/data";
import { Linear, MSELoss } from "@downhill/nn";
import { SGD } from "@downhill/optim";

manualSeed(0);
const X = rand([100, 1]).mul(10);
const y = X.mul(2)
  .add(3)
  .add(randn([100, 1]));
new Linear(1, 1); // program 2 drew its model from the stream here; this one goes on from there

const model = new Linear(1, 1);
const criterion = new MSELoss();
const optimizer = new SGD(model.parameters(), { lr: 0.01 });
const loader = new DataLoader(new TensorDataset(X, y), { batchSize: 10, shuffle: true });

const epochs = 5;
for (let epoch = 1; epoch <= epochs; epoch++) {
  let last = NaN;
  for await (const [batchX, batchY] of loader) {
    optimizer.zeroGrad();
    const loss = criterion.forward(model.forward(batchX), batchY);
    loss.backward();
    optimizer.step();
    last = await loss.item();
  }
  // The last batch's loss: ten samples' word for it, not the epoch's.
  console.log(`Epoch [${epoch}/${epochs}], Loss: ${last.toFixed(4)}`);
}

console.log("Model parameters after mini-batch gradient descent:", [...model.parameters()]);
