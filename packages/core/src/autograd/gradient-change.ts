import type { Change } from "../program/change.js";
import { conceal, type Node } from "../program/node.js";
import type { Tensor } from "../tensor.js";

/** A backward has given tensors another `.grad`. */
export class GradientChange implements Change {
  constructor(
    private readonly totals: ReadonlyMap<Tensor, Tensor>,
    private readonly earlier: ReadonlyMap<Tensor, Tensor> | null,
  ) {}

  get isGradient(): true {
    return true;
  }

  get after(): Node[] {
    return Array.from(this.totals.values(), (total) => total.node);
  }

  get waits(): boolean {
    return [...this.totals.keys()].some(({ madeGrad }) => madeGrad?.node.isLeaf === false);
  }

  takeBack(failed: ReadonlySet<Node> | null): void {
    for (const [owner, total] of this.totals) {
      const { node } = total;
      if (owner.madeGrad !== total || (failed !== null && !failed.has(node))) continue;
      conceal(node);
      const before = this.earlier?.get(owner);
      if (before === undefined) owner.grad = null;
      else owner.storeGrad(before);
    }
  }
}
