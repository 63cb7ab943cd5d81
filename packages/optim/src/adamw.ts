import { Adam, type AdamGroup } from "./adam.js";

/**
 * Adam with decoupled weight decay: w ← w · (1 - lr · weightDecay) before Adam's update, which the decay stays out of.
 * Same as torch.optim.AdamW. After Loshchilov and Hutter, https://arxiv.org/abs/1711.05101.
 *
 * @example
 * const optimizer = new AdamW(model.parameters(), { lr: 1e-3, weightDecay: 0.05 });
 */
export class AdamW extends Adam {
  // A getter: bundlers drop the class where it is not used, which they dare not with code that runs as it is made.
  protected static override get defaults(): AdamGroup {
    return { ...Adam.defaults, weightDecay: 1e-2, decoupledWeightDecay: true };
  }
}
