// An MLP that tells two spirals apart, and is asked about points that it has not seen.
import { manualSeed, noGrad } from "@downhill/core";
import { DataLoader, randomSplit, synthetic } from "@downhill/data";
import { CrossEntropyLoss, Linear, ReLU, Sequential } from "@downhill/nn";
import { AdamW } from "@downhill/optim";

manualSeed(0);
const [train, test] = randomSplit(synthetic.spirals(2000, { classes: 2, turns: 1.5, noise: 0.002 }), [0.8, 0.2]);
const loader = new DataLoader(train, { batchSize: 50, shuffle: true });

const model = new Sequential(new Linear(2, 48), new ReLU(), new Linear(48, 48), new ReLU(), new Linear(48, 2));
const criterion = new CrossEntropyLoss();
const optimizer = new AdamW(model.parameters(), { lr: 0.005 });

for (let epoch = 1; epoch <= 60; epoch++) {
  for await (const [points, classes] of loader) {
    optimizer.zeroGrad();
    const loss = criterion.forward(model.forward(points), classes);
    loss.backward();
    optimizer.step();
  }
}

let right = 0;
for (const [points, classes] of new DataLoader(test, { batchSize: test.length })) {
  right += await noGrad(() => model.forward(points).argmax(1).eq(classes).sum()).item();
}
export const accuracy: number = right / test.length;
console.log(`Spirals, accuracy on points never seen: ${(100 * accuracy).toFixed(1)} %`);
