import type { Tensor } from "@downhill/core";
import { functional, type Linear } from "@downhill/nn";
import type { SGD } from "@downhill/optim";

/** One step, in parts of at most `size` samples: the last one may be shorter. */
export function step(model: Linear, optimizer: SGD, x: Tensor, y: Tensor, size: number): void {
  const count = x.shape[0]!;
  const parts = Math.ceil(count / size);
  optimizer.zeroGrad();
  for (let from = 0; from < count; from += size) {
    const length = Math.min(size, count - from);
    const loss = functional.mseLoss(model.forward(x.narrow(0, from, length)), y.narrow(0, from, length));
    loss.div(parts).backward();
  }
  optimizer.step();
}
