import { manualSeed, randn, type Tensor, tensor } from "@downhill/core";
import { CrossEntropyLoss, Linear, ReLU, Sequential, Softmax } from "@downhill/nn";
import { Adam } from "@downhill/optim";

/** Learns which of three directions a point lies in, from 90 points; returns the last loss. */
export async function train(): Promise<number> {
  manualSeed(0);
  const directions = tensor([[0, 2], [2, -1], [-2, -1]]); // prettier-ignore
  const x = randn([90, 2]);
  const label = x.matmul(directions.t()).argmax(1);
  const model = new Sequential(new Linear(2, 32), new ReLU(), new Linear(32, 3), new Softmax(1));
  const criterion = new CrossEntropyLoss();
  const optimizer = new Adam(model.parameters(), { lr: 0.02 });
  let loss: Tensor;
  for (let step = 0; step < 400; step++) {
    optimizer.zeroGrad();
    loss = criterion.forward(model.forward(x), label);
    loss.backward();
    optimizer.step();
  }
  return loss!.item();
}
