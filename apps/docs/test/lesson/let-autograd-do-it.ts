import { experiment } from "../../src/lesson/05-let-autograd-do-it/experiment.js";
import { graph } from "../../src/lesson/05-let-autograd-do-it/figure.js";
import { experiment as stepExperiment } from "../../src/lesson/05-let-autograd-do-it/step.experiment.js";
import { explainedStep } from "../../src/lesson/05-let-autograd-do-it/step-figure.js";
import { type Chapter, figureCase } from "./chapter.js";

export const letAutogradDoIt: Chapter = {
  page: "let-autograd-do-it",
  figures: [figureCase(graph, experiment, { steps: 6 }), figureCase(explainedStep, stepExperiment, { steps: 5 })],
  exercises: [
    {
      title: "A loop to mend",
      right: `
import { manualSeed, rand, randn } from "@downhill/core";
import { Linear, MSELoss } from "@downhill/nn";
import { SGD } from "@downhill/optim";
export async function train() {
  manualSeed(0);
  const X = rand([50, 1]).mul(4);
  const y = X.mul(2).add(3).add(randn([50, 1]).mul(0.1));
  const model = new Linear(1, 1);
  const optimizer = new SGD(model.parameters(), { lr: 0.02 });
  for (let epoch = 0; epoch < 20; epoch++) {
    for (let i = 0; i < 50; i++) {
      optimizer.zeroGrad();
      new MSELoss().forward(model.forward(X.at(i)), y.at(i)).backward();
      optimizer.step();
    }
  }
  return [await model.weight.item(), await model.bias!.item()];
}`,
    },
    {
      title: "A gradient by hand",
      right: `
export function gradient(w: number, b: number, x: number): [number, number] {
  const s = w * x + b;
  return [2 * s * x * w + s * s, 2 * s * w];
}`,
    },
    {
      title: "A step by hand",
      right: `
export const step = (w: number, gradient: number, momentum: number): { w: number; momentum: number } => {
  const next = 0.9 * momentum + gradient;
  return { w: w - 0.1 * next, momentum: next };
};`,
    },
  ],
};
