// Two spirals, and the border that a small network draws between them
import { linspace, manualSeed, meshgrid, noGrad, stack, type Tensor } from "@downhill/core";
import { DataLoader, synthetic } from "@downhill/data";
import { BCEWithLogitsLoss, Linear, Sequential, Tanh } from "@downhill/nn";
import { Adam } from "@downhill/optim";

manualSeed(0);
const data = synthetic.spirals(400, { turns: 1, noise: 0.02 });
const [X, y] = data.tensors;

const model = new Sequential(new Linear(2, 24), new Tanh(), new Linear(24, 24), new Tanh(), new Linear(24, 1));
const criterion = new BCEWithLogitsLoss();
const optimizer = new Adam(model.parameters(), { lr: 0.01 });
const loader = new DataLoader(data, { batchSize: 50, shuffle: true });

// The places of a picture of the square [-1.2, 1.2]², row by row from the top.
const size = 80;
const line = linspace(-1.2, 1.2, size);
const [rows, columns] = meshgrid([line.neg(), line], { indexing: "ij" }) as [Tensor, Tensor];
const places = stack([columns, rows], -1).reshape([size * size, 2]);
const points = {
  x: X.narrow(1, 0, 1).add(1.2).div(2.4),
  y: X.narrow(1, 1, 1).neg().add(1.2).div(2.4),
  classes: y,
};

const epochs = 150;
for (let epoch = 1; epoch <= epochs; epoch++) {
  let sum = 0;
  for await (const [batchX, batchY] of loader) {
    optimizer.zeroGrad();
    const loss = criterion.forward(model.forward(batchX).squeeze(1), batchY.to("float32"));
    loss.backward();
    optimizer.step();
    sum += await loss.item();
  }
  plot({ loss: sum / loader.length }, epoch);
  if (epoch % 5 === 0) {
    const side = noGrad(() => model.forward(places).sigmoid().mul(2).sub(1).reshape([size, size]));
    image(side, { name: "border", colors: "diverging", points });
  }
}

const right = noGrad(() => model.forward(X).squeeze(1).gt(0).to("int32").eq(y).to("float32").mean());
console.log(`On the right side: ${(100 * (await right.item())).toFixed(1)} %`);
