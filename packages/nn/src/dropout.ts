import type { Tensor } from "@downhill/core";
import { checkFlag, checkOptions } from "@downhill/core/engine";
import type { InplaceOptions } from "./activation-bases.js";
import { checkProbability, dropout } from "./functional/dropout.js";
import { Module } from "./module.js";
import { printFloat } from "./print-number.js";

/**
 * In training sets each element to 0 with probability p and divides the others by 1 - p; in evaluation gives its input.
 * The zeros follow from `manualSeed`, and are not PyTorch's. Same as torch.nn.Dropout.
 *
 * @throws ValueError for p outside 0 to 1.
 *
 * @example
 * const layer = new Dropout(0.2);
 * layer.eval();
 * layer.forward(ones([3])); // tensor([1., 1., 1.])
 */
export class Dropout extends Module {
  readonly p: number;
  readonly inplace: boolean;

  constructor(p: number = 0.5, options: InplaceOptions = {}) {
    super();
    checkOptions("Dropout", options, ["inplace"]);
    checkFlag("Dropout: inplace", options.inplace);
    this.p = checkProbability("Dropout", "p", p);
    this.inplace = options.inplace ?? false;
  }

  override forward(x: Tensor): Tensor {
    return dropout(x, this.p, { training: this.training });
  }

  override extraRepr(): string {
    return `p=${printFloat(this.p)}, inplace=${this.inplace}`;
  }
}
