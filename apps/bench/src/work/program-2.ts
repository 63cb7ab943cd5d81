import { manualSeed, rand, randn } from "@downhill/core";
import { Linear, MSELoss } from "@downhill/nn";
import { SGD } from "@downhill/optim";
import { type Contestant, seconds } from "../measure.ts";
import { plainData, plainStep } from "./plain.ts";

/** The lesson's program 2, as it is written there: one sample per step, nothing awaited. */
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
    return {
      run: (steps) =>
        seconds(() => {
          for (let k = 0; k < steps; k++) {
            const i = k % 100;
            optimizer.zeroGrad();
            const loss = criterion.forward(model.forward(X.at(i)), y.at(i));
            loss.backward();
            optimizer.step();
          }
        }),
    };
  },
};

/** The same arithmetic in a plain loop over numbers: what no framework can beat. */
export const plain: Contestant = {
  name: "plain JavaScript",
  async open() {
    const { xs, ys } = plainData();
    const model = { weight: 0.5, bias: 0.1 };
    return {
      run: (steps) =>
        seconds(() => {
          for (let k = 0; k < steps; k++) plainStep(model, xs, ys, [k % 100], 0.001);
        }),
    };
  },
};
