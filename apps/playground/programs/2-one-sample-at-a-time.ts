// The same with autograd: a module, a loss and an optimizer
import { manualSeed, rand, randn } from "@downhill/core";
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
console.log("Initial model parameters:", [...model.parameters()]);

const epochs = 5;
const samples = X.size(0);
for (let epoch = 1; epoch <= epochs; epoch++) {
  for (let i = 0; i < samples; i++) {
    optimizer.zeroGrad();
    const prediction = model.forward(X.at(i)); // shape [1], as the target's: nothing broadcasts
    const loss = criterion.forward(prediction, y.at(i));
    loss.backward();
    optimizer.step();

    if ((i + 1) % 10 === 0) {
      const value = await loss.item();
      console.log(`Epoch [${epoch}/${epochs}], Sample [${i + 1}/${samples}], Loss: ${value.toFixed(4)}`);
    }
  }
}

console.log("Model parameters after SGD:", [...model.parameters()]);
