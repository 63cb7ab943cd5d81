import type { Tensor } from "@downhill/core";
import { functional, Linear, ReLU, Sequential } from "@downhill/nn";
import { SGD } from "@downhill/optim";

const model = new Sequential(new Linear(64, 256), new ReLU(), new Linear(256, 10));
const optimizer = new SGD(model.parameters(), { lr: 0.1 });

export const step = (images: Tensor, labels: Tensor): void => {
  optimizer.zeroGrad();
  functional.crossEntropy(model.forward(images), labels).backward();
  optimizer.step();
};

/** The largest batch, to one in a hundred, with which `step` stays within 8 MB, 8 · 2²⁰ bytes. An image is 64 numbers. */
export const size = 256;
