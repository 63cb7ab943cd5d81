import {
  elu,
  gelu,
  hardtanh,
  leakyRelu,
  logSoftmax,
  logsigmoid,
  relu,
  relu6,
  sigmoid,
  silu,
  softmax,
  softplus,
  tanh,
  type Tensor,
} from "@downhill/core";
import { checkOptions, show, ValueError } from "@downhill/core/engine";
import { DimActivation, InplaceActivation, type InplaceOptions, noOptions } from "./activation-bases.js";
import { Module } from "./module.js";
import { checkNumber } from "./option-checks.js";
import { printFloat } from "./print-number.js";

/** max(x, 0). Same as torch.nn.ReLU. */
export class ReLU extends InplaceActivation {
  constructor(options: InplaceOptions = noOptions) {
    super("ReLU", options);
  }

  override forward(x: Tensor): Tensor {
    return relu(x);
  }
}

/** min(max(x, 0), 6). Same as torch.nn.ReLU6. */
export class ReLU6 extends InplaceActivation {
  constructor(options: InplaceOptions = noOptions) {
    super("ReLU6", options);
  }

  override forward(x: Tensor): Tensor {
    return relu6(x);
  }
}

/** The options of `Hardtanh`. */
export interface HardtanhLayerOptions extends InplaceOptions {
  /** Default -1. */
  readonly minVal?: number;
  /** Default 1. */
  readonly maxVal?: number;
}

/** Limits x to [minVal, maxVal]. Same as torch.nn.Hardtanh. */
export class Hardtanh extends InplaceActivation {
  readonly minVal: number;
  readonly maxVal: number;
  constructor(options: HardtanhLayerOptions = noOptions) {
    super("Hardtanh", options, ["minVal", "maxVal"]);
    this.minVal = checkNumber("Hardtanh", "minVal", options.minVal, -1);
    this.maxVal = checkNumber("Hardtanh", "maxVal", options.maxVal, 1);
    if (!(this.minVal < this.maxVal))
      throw new ValueError(`Hardtanh: minVal ${this.minVal} must be below maxVal ${this.maxVal}`);
  }

  override forward(x: Tensor): Tensor {
    return hardtanh(x, { minVal: this.minVal, maxVal: this.maxVal });
  }

  /** What stands in the brackets when the layer is printed. */
  override extraRepr(): string {
    return this.print(`minVal=${printFloat(this.minVal)}, maxVal=${printFloat(this.maxVal)}`);
  }
}

/** x · sigmoid(x). Same as torch.nn.SiLU. */
export class SiLU extends InplaceActivation {
  constructor(options: InplaceOptions = noOptions) {
    super("SiLU", options);
  }

  override forward(x: Tensor): Tensor {
    return silu(x);
  }
}

/** The options of `ELU`. */
export interface ELULayerOptions extends InplaceOptions {
  /** The limit for x → -∞ is -alpha. Default 1. */
  readonly alpha?: number;
}

/** x where positive, alpha · (eˣ - 1) elsewhere. Same as torch.nn.ELU. */
export class ELU extends InplaceActivation {
  readonly alpha: number;
  constructor(options: ELULayerOptions = noOptions) {
    super("ELU", options, ["alpha"]);
    this.alpha = checkNumber("ELU", "alpha", options.alpha, 1);
  }

  override forward(x: Tensor): Tensor {
    return elu(x, { alpha: this.alpha });
  }

  /** What stands in the brackets when the layer is printed. */
  override extraRepr(): string {
    return this.print(`alpha=${printFloat(this.alpha)}`);
  }
}

/**
 * x where positive, negativeSlope · x elsewhere. Same as torch.nn.LeakyReLU.
 *
 * @example
 * new LeakyReLU(0.2).forward(tensor([-1, 2])); // tensor([-0.2000,  2.0000])
 */
export class LeakyReLU extends InplaceActivation {
  readonly negativeSlope: number;
  constructor(negativeSlope: number = 0.01, options: InplaceOptions = noOptions) {
    super("LeakyReLU", options);
    this.negativeSlope = checkNumber("LeakyReLU", "negativeSlope", negativeSlope, 0.01);
  }

  override forward(x: Tensor): Tensor {
    return leakyRelu(x, this.negativeSlope);
  }

  /** What stands in the brackets when the layer is printed. */
  override extraRepr(): string {
    return this.print(`negativeSlope=${printFloat(this.negativeSlope)}`);
  }
}

/** 1 / (1 + e⁻ˣ). Same as torch.nn.Sigmoid. */
export class Sigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return sigmoid(x);
  }
}

/** The hyperbolic tangent. Same as torch.nn.Tanh. */
export class Tanh extends Module {
  override forward(x: Tensor): Tensor {
    return tanh(x);
  }
}

/** log(sigmoid(x)). Same as torch.nn.LogSigmoid. */
export class LogSigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return logsigmoid(x);
  }
}

/** The options of `Softplus`. */
export interface SoftplusLayerOptions {
  /** Sharpness. Default 1. */
  readonly beta?: number;
  /** Where beta · x is above it, the result is x. Default 20. */
  readonly threshold?: number;
}

/** log(1 + e^(beta · x)) / beta, a smooth ReLU. Same as torch.nn.Softplus. */
export class Softplus extends Module {
  readonly beta: number;
  readonly threshold: number;
  constructor(options: SoftplusLayerOptions = noOptions) {
    super();
    checkOptions("Softplus", options, ["beta", "threshold"]);
    this.beta = checkNumber("Softplus", "beta", options.beta, 1);
    this.threshold = checkNumber("Softplus", "threshold", options.threshold, 20);
  }

  override forward(x: Tensor): Tensor {
    return softplus(x, { beta: this.beta, threshold: this.threshold });
  }

  /** What stands in the brackets when the layer is printed. */
  override extraRepr(): string {
    return `beta=${printFloat(this.beta)}, threshold=${printFloat(this.threshold)}`;
  }
}

/** The options of `GELU`. */
export interface GELULayerOptions {
  /** `"tanh"` approximates the error function. Default `"none"`. */
  readonly approximate?: "none" | "tanh";
}

function checkApproximate(approximate: unknown = "none"): "none" | "tanh" {
  if (approximate === "none" || approximate === "tanh") return approximate;
  throw new ValueError(`GELU: unknown approximate ${show(approximate)}`, 'it is "none" or "tanh"');
}

/** x · Φ(x), with the distribution function Φ of the normal distribution. Same as torch.nn.GELU. */
export class GELU extends Module {
  readonly approximate: "none" | "tanh";
  constructor(options: GELULayerOptions = noOptions) {
    super();
    checkOptions("GELU", options, ["approximate"]);
    this.approximate = checkApproximate(options.approximate);
  }

  override forward(x: Tensor): Tensor {
    return gelu(x, { approximate: this.approximate });
  }

  /** What stands in the brackets when the layer is printed. */
  override extraRepr(): string {
    return `approximate='${this.approximate}'`;
  }
}

/** Turns the numbers along a dim into weights that sum to 1. Same as torch.nn.Softmax. */
export class Softmax extends DimActivation {
  constructor(dim: number) {
    super("Softmax", dim);
  }

  override forward(x: Tensor): Tensor {
    return softmax(x, this.dim);
  }
}

/** The logarithm of softmax along a dim. Same as torch.nn.LogSoftmax. */
export class LogSoftmax extends DimActivation {
  constructor(dim: number) {
    super("LogSoftmax", dim);
  }

  override forward(x: Tensor): Tensor {
    return logSoftmax(x, this.dim);
  }
}
