import type { Tensor } from "@downhill/core";
import { InplaceActivation, type InplaceOptions, noOptions } from "./activation-bases.js";
import {
  celu,
  checkCELU,
  checkRReLU,
  hardshrink,
  hardsigmoid,
  hardswish,
  mish,
  rrelu,
  selu,
  softshrink,
  softsign,
  tanhshrink,
  threshold,
} from "./functional/activations.js";
import { Module } from "./module.js";
import { checkNotNegative, checkNumber, needNumber } from "./option-checks.js";
import { printFloat } from "./print-number.js";

/** 1.0507 · (x where positive, 1.6733 · (eˣ - 1) elsewhere). Same as torch.nn.SELU. */
export class SELU extends InplaceActivation {
  constructor(options: InplaceOptions = noOptions) {
    super("SELU", options);
  }

  override forward(x: Tensor): Tensor {
    return selu(x);
  }
}

/** The options of `CELU`. */
export interface CELUOptions extends InplaceOptions {
  /** The limit for x → -∞ is -alpha. Default 1. */
  readonly alpha?: number;
}

/** x where positive, alpha · (e^(x / alpha) - 1) elsewhere. Same as torch.nn.CELU. */
export class CELU extends InplaceActivation {
  readonly alpha: number;
  constructor(options: CELUOptions = noOptions) {
    super("CELU", options, ["alpha"]);
    const { alpha = 1 } = options;
    this.alpha = checkCELU("CELU", { alpha });
  }

  override forward(x: Tensor): Tensor {
    return celu(x, { alpha: this.alpha });
  }

  /** What stands in the brackets when the layer is printed. */
  override extraRepr(): string {
    return this.print(`alpha=${printFloat(this.alpha)}`);
  }
}

/** x · tanh(log(1 + eˣ)). Same as torch.nn.Mish. */
export class Mish extends InplaceActivation {
  constructor(options: InplaceOptions = noOptions) {
    super("Mish", options);
  }

  override forward(x: Tensor): Tensor {
    return mish(x);
  }
}

/** relu6(x + 3) / 6, sigmoid in straight lines. Same as torch.nn.Hardsigmoid. */
export class Hardsigmoid extends InplaceActivation {
  constructor(options: InplaceOptions = noOptions) {
    super("Hardsigmoid", options);
  }

  override forward(x: Tensor): Tensor {
    return hardsigmoid(x);
  }

  /** What stands in the brackets when the layer is printed. */
  override extraRepr(): string {
    return "";
  }
}

/** x · relu6(x + 3) / 6, silu in straight lines. Same as torch.nn.Hardswish. */
export class Hardswish extends InplaceActivation {
  constructor(options: InplaceOptions = noOptions) {
    super("Hardswish", options);
  }

  override forward(x: Tensor): Tensor {
    return hardswish(x);
  }

  /** What stands in the brackets when the layer is printed. */
  override extraRepr(): string {
    return "";
  }
}

/** x, or 0 where |x| ≤ lambd. Same as torch.nn.Hardshrink. */
export class Hardshrink extends Module {
  readonly lambd: number;
  constructor(lambd: number = 0.5) {
    super();
    this.lambd = checkNumber("Hardshrink", "lambd", lambd, 0.5);
  }

  override forward(x: Tensor): Tensor {
    return hardshrink(x, this.lambd);
  }

  /** What stands in the brackets when the layer is printed. */
  override extraRepr(): string {
    return printFloat(this.lambd);
  }
}

/** x moved towards 0 by lambd, and not beyond. Same as torch.nn.Softshrink. */
export class Softshrink extends Module {
  readonly lambd: number;
  constructor(lambd: number = 0.5) {
    super();
    this.lambd = checkNotNegative("Softshrink", "lambd", lambd, 0.5);
  }

  override forward(x: Tensor): Tensor {
    return softshrink(x, this.lambd);
  }

  /** What stands in the brackets when the layer is printed. */
  override extraRepr(): string {
    return printFloat(this.lambd);
  }
}

/** x / (1 + |x|). Same as torch.nn.Softsign. */
export class Softsign extends Module {
  override forward(x: Tensor): Tensor {
    return softsign(x);
  }
}

/** x - tanh(x). Same as torch.nn.Tanhshrink. */
export class Tanhshrink extends Module {
  override forward(x: Tensor): Tensor {
    return tanhshrink(x);
  }
}

/**
 * x where it is above `threshold`, `value` elsewhere. Same as torch.nn.Threshold.
 *
 * @example
 * new Threshold(1, -3).forward(tensor([0.5, 2])); // tensor([-3.,  2.])
 */
export class Threshold extends InplaceActivation {
  readonly threshold: number;
  readonly value: number;
  constructor(threshold: number, value: number, options: InplaceOptions = noOptions) {
    super("Threshold", options);
    this.threshold = needNumber("Threshold", "threshold", threshold);
    this.value = needNumber("Threshold", "value", value);
  }

  override forward(x: Tensor): Tensor {
    return threshold(x, this.threshold, this.value);
  }

  /** What stands in the brackets when the layer is printed. */
  override extraRepr(): string {
    return this.print(`threshold=${printFloat(this.threshold)}, value=${printFloat(this.value)}`);
  }
}

/** The options of `RReLU`. */
export interface RReLUOptions extends InplaceOptions {
  /** Default 1/8. */
  readonly lower?: number;
  /** Default 1/3. */
  readonly upper?: number;
}

/**
 * x where positive, a · x elsewhere, with a slope a that is drawn for each element in training and the middle in
 * evaluation. The slopes follow from `manualSeed`, and are not PyTorch's. Same as torch.nn.RReLU.
 *
 * @throws ValueError for a lower bound above the upper.
 */
export class RReLU extends InplaceActivation {
  readonly lower: number;
  readonly upper: number;
  constructor(options: RReLUOptions = noOptions) {
    super("RReLU", options, ["lower", "upper"]);
    const { lower, upper } = checkRReLU("RReLU", options, ["inplace"]);
    this.lower = lower;
    this.upper = upper;
  }

  override forward(x: Tensor): Tensor {
    return rrelu(x, { lower: this.lower, upper: this.upper, training: this.training });
  }

  /** What stands in the brackets when the layer is printed. */
  override extraRepr(): string {
    return this.print(`lower=${printFloat(this.lower)}, upper=${printFloat(this.upper)}`);
  }
}
