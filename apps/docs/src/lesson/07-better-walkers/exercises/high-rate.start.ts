import { manualSeed, randn } from "@downhill/core";
import { Linear, MSELoss, ReLU, Sequential } from "@downhill/nn";
import { Adam } from "@downhill/optim";

/** Learns y = x₁ · x₂ from 64 examples, in 300 steps, and returns the model. */
export function train(): Sequential {
  manualSeed(0);
  const x = randn([64, 2]);
  const y = x.narrow(1, 0, 1).mul(x.narrow(1, 1, 1));
  const model = new Sequential(new Linear(2, 32), new ReLU(), new Linear(32, 32), new ReLU(), new Linear(32, 1));
  const criterion = new MSELoss();
  // The larger, the faster.
  const optimizer = new Adam(model.parameters(), { lr: 0.5 });
  for (let step = 0; step < 300; step++) {
    optimizer.zeroGrad();
    criterion.forward(model.forward(x), y).backward();
    optimizer.step();
  }
  return model;
}
