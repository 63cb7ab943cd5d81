import type { Tensor } from "@downhill/core";
import { functional, type Linear } from "@downhill/nn";
import type { SGD } from "@downhill/optim";

/** One step on a batch that does not fit, in parts: has to lead where the whole batch would. */
export function step(model: Linear, optimizer: SGD, x: Tensor, y: Tensor, parts: number): void {
  const size = x.shape[0]! / parts;
  optimizer.zeroGrad();
  for (let part = 0; part < parts; part++) {
    const [xs, ys] = [x.narrow(0, part * size, size), y.narrow(0, part * size, size)];
    const loss = functional.mseLoss(model.forward(xs), ys);
    loss.backward();
  }
  optimizer.step();
}
