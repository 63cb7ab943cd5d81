// A CNN that reads digits, drawn anew in each epoch, and is asked about drawings that are bent further than all it has seen.
import { manualSeed, noGrad } from "@downhill/core";
import { DataLoader, synthetic } from "@downhill/data";
import {
  BatchNorm2d,
  Conv2d,
  CrossEntropyLoss,
  Dropout,
  Flatten,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
} from "@downhill/nn";
import { AdamW, OneCycleLR } from "@downhill/optim";

manualSeed(0);
const size = 20;
const train = synthetic.glyphDigits(4000, { size, noise: 0.05 });
const test = synthetic.glyphDigits(1000, { size, noise: 0.05, distortion: 1.2, fixed: true });
const loader = new DataLoader(train, { batchSize: 50, shuffle: true });

const model = new Sequential(
  new Conv2d(1, 12, 3, { padding: 1 }),
  new BatchNorm2d(12),
  new ReLU(),
  new MaxPool2d(2), // 20 × 20 → 10 × 10
  new Conv2d(12, 24, 3, { padding: 1 }),
  new ReLU(),
  new MaxPool2d(2), // → 5 × 5
  new Flatten(),
  new Dropout(0.2),
  new Linear(24 * 5 * 5, 10),
);
const criterion = new CrossEntropyLoss();
const optimizer = new AdamW(model.parameters(), { lr: 0.01 });
const epochs = 6;
const scheduler = new OneCycleLR(optimizer, { maxLr: 0.01, epochs, stepsPerEpoch: loader.length });

for (let epoch = 1; epoch <= epochs; epoch++) {
  model.train();
  for await (const [images, digits] of loader) {
    optimizer.zeroGrad();
    const loss = criterion.forward(model.forward(images), digits);
    loss.backward();
    optimizer.step();
    scheduler.step();
  }
}

model.eval();
let right = 0;
for await (const [images, digits] of new DataLoader(test, { batchSize: 250 })) {
  right += await noGrad(() => model.forward(images).argmax(1).eq(digits).sum()).item();
}
export const accuracy: number = right / test.length;
console.log(`Digits, accuracy on drawings bent further than any seen: ${(100 * accuracy).toFixed(1)} %`);
