import type { Tensor } from "@downhill/core";
import { checkFlag, checkOptions } from "@downhill/core/engine";
import type { InplaceOptions } from "./activation-bases.js";
import {
  alphaDropout,
  checkProbability,
  dropout,
  dropout1d,
  dropout2d,
  dropout3d,
  featureAlphaDropout,
} from "./functional/dropout.js";
import { Module } from "./module.js";
import { printFloat } from "./print-number.js";

/** Drops in training, by a functional form, and gives its input in evaluation. */
abstract class DropoutLayer extends Module {
  readonly p: number;
  readonly inplace: boolean;
  protected readonly form: typeof dropout;

  constructor(where: string, form: typeof dropout, p: number, options: InplaceOptions) {
    super();
    checkOptions(where, options, ["inplace"]);
    checkFlag(`${where}: inplace`, options.inplace);
    this.p = checkProbability(where, "p", p);
    this.inplace = options.inplace ?? false;
    this.form = form;
  }

  override forward(x: Tensor): Tensor {
    return this.form(x, this.p, { training: this.training });
  }

  override extraRepr(): string {
    return `p=${printFloat(this.p)}, inplace=${this.inplace}`;
  }
}

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
export class Dropout extends DropoutLayer {
  constructor(p: number = 0.5, options: InplaceOptions = {}) {
    super("Dropout", dropout, p, options);
  }
}

/**
 * In training sets whole channels of [N, C, L] or [C, L] to 0 with probability p and divides the others by 1 - p; in
 * evaluation gives its input. Same as torch.nn.Dropout1d.
 *
 * @throws ValueError for p outside 0 to 1.
 */
export class Dropout1d extends DropoutLayer {
  constructor(p: number = 0.5, options: InplaceOptions = {}) {
    super("Dropout1d", dropout1d, p, options);
  }
}

/**
 * In training sets whole channels of [N, C, H, W] to 0 with probability p and divides the others by 1 - p; in evaluation
 * gives its input. Three dims are taken as [N, C, L]. Same as torch.nn.Dropout2d.
 *
 * @throws ValueError for p outside 0 to 1.
 *
 * @example
 * manualSeed(0);
 * new Dropout2d().forward(ones([1, 4, 1, 2])); // tensor([[[[0., 0.]], [[2., 2.]], [[2., 2.]], [[2., 2.]]]])
 */
export class Dropout2d extends DropoutLayer {
  constructor(p: number = 0.5, options: InplaceOptions = {}) {
    super("Dropout2d", dropout2d, p, options);
  }
}

/**
 * In training sets whole channels of [N, C, D, H, W] or [C, D, H, W] to 0 with probability p and divides the others by
 * 1 - p; in evaluation gives its input. Same as torch.nn.Dropout3d.
 *
 * @throws ValueError for p outside 0 to 1.
 */
export class Dropout3d extends DropoutLayer {
  constructor(p: number = 0.5, options: InplaceOptions = {}) {
    super("Dropout3d", dropout3d, p, options);
  }
}

/**
 * Dropout for networks of `SELU`, which keeps mean 0 and variance 1; see `functional.alphaDropout`. In evaluation gives
 * its input. Same as torch.nn.AlphaDropout.
 *
 * @throws ValueError for p outside 0 to 1.
 *
 * @example
 * manualSeed(0);
 * const x = randn([10_000]);
 * new AlphaDropout(0.2).forward(x).std().sub(1).abs().lt(0.05); // tensor(true)
 */
export class AlphaDropout extends DropoutLayer {
  constructor(p: number = 0.5, options: InplaceOptions = {}) {
    super("AlphaDropout", alphaDropout, p, options);
  }
}

/**
 * As `AlphaDropout`, but whole channels of [N, C, …] at once. Same as torch.nn.FeatureAlphaDropout.
 *
 * @throws ValueError for p outside 0 to 1.
 */
export class FeatureAlphaDropout extends DropoutLayer {
  constructor(p: number = 0.5, options: InplaceOptions = {}) {
    super("FeatureAlphaDropout", featureAlphaDropout, p, options);
  }
}
