import type { Tensor } from "@downhill/core";
import { DataLoader, TensorDataset } from "@downhill/data";
import { BCEWithLogitsLoss, Linear } from "@downhill/nn";
import { SGD } from "@downhill/optim";

/** Learns labels 0 and 1 from points, X [200, 2] and y [200, 1]. They come sorted: all the zeros first, then all the ones. */
export async function train(X: Tensor, y: Tensor): Promise<Linear> {
  const model = new Linear(2, 1);
  const criterion = new BCEWithLogitsLoss();
  const optimizer = new SGD(model.parameters(), { lr: 1 });
  const loader = new DataLoader(new TensorDataset(X, y), { batchSize: 10 });
  for (let epoch = 0; epoch < 5; epoch++) {
    for await (const [batchX, batchY] of loader) {
      optimizer.zeroGrad();
      criterion.forward(model.forward(batchX), batchY).backward();
      optimizer.step();
    }
  }
  return model;
}
