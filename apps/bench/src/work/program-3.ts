import { manualSeed, rand, randn } from "@downhill/core";
import { DataLoader, TensorDataset } from "@downhill/data";
import { Linear, MSELoss } from "@downhill/nn";
import { SGD } from "@downhill/optim";
import { type Contestant, seconds } from "../measure.ts";
import { plainData, plainStep } from "./plain.ts";

/** The lesson's program 3: a shuffled loader with batches of 10, `for await`, no loss read. */
export const downhill: Contestant = {
  name: "Downhill",
  async open() {
    manualSeed(0);
    const X = rand([100, 1]).mul(10);
    const y = X.mul(2)
      .add(3)
      .add(randn([100, 1]));
    const model = new Linear(1, 1);
    const criterion = new MSELoss();
    const optimizer = new SGD(model.parameters(), { lr: 0.001 });
    const loader = new DataLoader(new TensorDataset(X, y), { batchSize: 10, shuffle: true });
    return {
      run: (steps) =>
        seconds(async () => {
          for (let done = 0; done < steps;) {
            for await (const [batchX, batchY] of loader) {
              optimizer.zeroGrad();
              const loss = criterion.forward(model.forward(batchX), batchY);
              loss.backward();
              optimizer.step();
              if (++done === steps) break;
            }
          }
        }),
    };
  },
};

/** The same in a plain loop, with a shuffle of its own. */
export const plain: Contestant = {
  name: "plain JavaScript",
  async open() {
    const { xs, ys } = plainData();
    const model = { weight: 0.5, bias: 0.1 };
    const order = Int32Array.from(xs, (_, i) => i);
    return {
      run: (steps) =>
        seconds(() => {
          for (let done = 0; done < steps;) {
            for (let i = order.length - 1; i > 0; i--) {
              const j = Math.floor(Math.random() * (i + 1));
              [order[i], order[j]] = [order[j]!, order[i]!];
            }
            for (let start = 0; start < 100 && done < steps; start += 10, done++) {
              plainStep(model, xs, ys, order.subarray(start, start + 10), 0.001);
            }
          }
        }),
    };
  },
};
