import { manualSeed, rand, randn } from "@downhill/core";
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
const dataset = new TensorDataset(X, y);
const loader = new DataLoader(dataset, { batchSize: 10, shuffle: true });

for (let epoch = 1; epoch <= 20; epoch++) {
  for await (const [batchX, batchY] of loader) {
    optimizer.zeroGrad();
    const loss = criterion.forward(model.forward(batchX), batchY);
    loss.backward();
    optimizer.step();
  }
}
console.log(model.weight);
console.log(model.bias);
