import type { GradientRule } from "../../autograd/rule.js";
import { checkOptions, DTypeError, show, ValueError } from "../../errors.js";
import { defineOp, type Op } from "../../program/node.js";
import { apply, composite, scalar, type Tensor } from "../../tensor.js";
import { toFloat } from "../cast.js";
import { closedForm } from "../closed-form.js";
import { checkFloat, checkNoBool, checkTensor, type Unary } from "../define.js";
import { toOperand } from "../operand.js";
import { where } from "../where.js";

// Elementwise activations. At kinks their gradient is PyTorch's.

function checkNumber(where: string, name: string, value: unknown): void {
  if (typeof value !== "number") throw new DTypeError(`${where}: ${name} must be a number, got ${show(value)}`);
}

// A maximum and a minimum whose gradient is 0 at the bound, too; NaN lets it pass.
const ABOVE: Op<GradientRule> = defineOp<GradientRule>("maximum", [({ grad, x, y }) => where(x.le(y), 0, grad), null]);
const BELOW: Op<GradientRule> = defineOp<GradientRule>("minimum", [({ grad, x, y }) => where(x.ge(y), 0, grad), null]);

/** max(x, 0). Its gradient at 0 is 0. Same as torch.relu. */
export const relu: Unary = composite((x: Tensor) => {
  checkTensor("relu", x);
  checkNoBool("relu", x.dtype);
  return apply(ABOVE, [x, scalar(0, x.dtype, x.device)], [], x.shape, x.dtype);
});

/** The options of `hardtanh`. */
export interface HardtanhOptions {
  /** Default -1. */
  readonly minVal?: number;
  /** Default 1. */
  readonly maxVal?: number;
}

function strictly(name: string, x: Tensor, low: number, high: number): Tensor {
  checkTensor(name, x);
  checkNoBool(name, x.dtype);
  const raised = apply(ABOVE, [x, toOperand(name, low, x.dtype, x)], [], x.shape, x.dtype);
  return apply(BELOW, [raised, toOperand(name, high, x.dtype, x)], [], x.shape, x.dtype);
}

/** Limits x to [minVal, maxVal]; unlike clamp, with a gradient of 0 at the bounds. Same as torch.nn.functional.hardtanh. */
export const hardtanh: (x: Tensor, options?: HardtanhOptions) => Tensor = composite(
  (x: Tensor, options: HardtanhOptions = {}) => {
    checkOptions("hardtanh", options, ["minVal", "maxVal"]);
    const { minVal = -1, maxVal = 1 } = options;
    checkNumber("hardtanh", "minVal", minVal);
    checkNumber("hardtanh", "maxVal", maxVal);
    if (!(minVal < maxVal))
      throw new ValueError(`hardtanh: minVal ${show(minVal)} must be below maxVal ${show(maxVal)}`);
    return strictly("hardtanh", x, minVal, maxVal);
  },
);

/** min(max(x, 0), 6). Gradient: grad where 0 < x < 6, else 0. Same as torch.nn.functional.relu6. */
export const relu6: Unary = composite((x: Tensor) => strictly("relu6", x, 0, 6));

const SIGMOID: Op<GradientRule> = defineOp<GradientRule>("reciprocal", [
  ({ grad, out }) => grad.mul(out.neg().add(1)).mul(out),
]);

/** 1 / (1 + e⁻ˣ). Gradient: grad · out · (1 - out). Same as torch.sigmoid. */
export const sigmoid: Unary = composite((x: Tensor) => {
  checkTensor("sigmoid", x);
  const input = toFloat(x);
  return closedForm(SIGMOID, [input], () => [input.neg().exp().add(1)]);
});

/**
 * x · sigmoid(x), also known as swish. Gradient: grad · σ · (1 + x · (1 - σ)) with σ = sigmoid(x). Same as
 * torch.nn.functional.silu.
 */
export const silu: Unary = composite((x: Tensor) => {
  checkFloat("silu", x);
  return x.mul(x.sigmoid());
});

// Smooth at 0, where its parts (maximum, abs) are not: written out, so that second derivatives are right there, too.
const SOFTPLUS: Op<GradientRule> = defineOp<GradientRule>("add", [({ grad, x }) => grad.mul(x.sigmoid())]);
const LOGSIGMOID: Op<GradientRule> = defineOp<GradientRule>("sub", [({ grad, x }) => grad.mul(x.neg().sigmoid())]);

/** log(sigmoid(x)), finite for every finite x. Its gradient at 0 is ½. Same as torch.nn.functional.logsigmoid. */
export const logsigmoid: Unary = composite((x: Tensor) => {
  checkFloat("logsigmoid", x);
  return closedForm(LOGSIGMOID, [x], () => [x.minimum(0), x.abs().neg().exp().log1p()]);
});

/** The options of `softplus`. */
export interface SoftplusOptions {
  /** Sharpness. Default 1. */
  readonly beta?: number;
  /** Where beta · x is above it, the result is x. Default 20. */
  readonly threshold?: number;
}

/**
 * log(1 + e^(beta · x)) / beta, a smooth relu, written so that neither tail overflows. Gradient: grad · sigmoid(beta · x).
 * Same as torch.nn.functional.softplus.
 */
export const softplus: (x: Tensor, options?: SoftplusOptions) => Tensor = composite(
  (x: Tensor, options: SoftplusOptions = {}) => {
    checkFloat("softplus", x);
    checkOptions("softplus", options, ["beta", "threshold"]);
    const { beta = 1, threshold = 20 } = options;
    checkNumber("softplus", "beta", beta);
    checkNumber("softplus", "threshold", threshold);
    const scaled = options.beta === undefined ? x : x.mul(beta);
    const soft = closedForm(SOFTPLUS, [scaled], () => [scaled.maximum(0), scaled.abs().neg().exp().log1p()]);
    return where(scaled.gt(threshold), x, options.beta === undefined ? soft : soft.div(beta));
  },
  "softplus",
);

/** The options of `gelu`. */
export interface GeluOptions {
  /** `"tanh"` approximates the error function. Default `"none"`. */
  readonly approximate?: "none" | "tanh";
}

/**
 * x · Φ(x), with the distribution function Φ of the normal distribution. Gradient: grad · (Φ(x) + x · φ(x)) with the
 * density φ. Same as torch.nn.functional.gelu.
 */
export const gelu: (x: Tensor, options?: GeluOptions) => Tensor = composite((x: Tensor, options: GeluOptions = {}) => {
  checkFloat("gelu", x);
  checkOptions("gelu", options, ["approximate"]);
  const approximate: unknown = options.approximate ?? "none";
  if (approximate === "none") return x.mul(0.5).mul(x.mul(Math.SQRT1_2).erf().add(1));
  if (approximate !== "tanh")
    throw new ValueError(`gelu: unknown approximate ${show(approximate)}`, 'it is "none" or "tanh"');
  // Hendrycks and Gimpel 2016: x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³)))
  const inner = x.add(x.mul(x).mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
  return x.mul(0.5).mul(inner.tanh().add(1));
});

// The gradient from eˣ, not from out + 1, which cancels for x far below 0.
const EXPM1: Op<GradientRule> = defineOp<GradientRule>("expm1", [({ grad, x }) => grad.mul(x.exp())]);

/** The options of `elu`. */
export interface EluOptions {
  /** The limit for x → -∞ is -alpha. Default 1. */
  readonly alpha?: number;
}

/** x where positive, alpha · (eˣ - 1) elsewhere. Its gradient at 0 is alpha. Same as torch.nn.functional.elu. */
export const elu: (x: Tensor, options?: EluOptions) => Tensor = composite((x: Tensor, options: EluOptions = {}) => {
  checkFloat("elu", x);
  checkOptions("elu", options, ["alpha"]);
  const { alpha = 1 } = options;
  checkNumber("elu", "alpha", alpha);
  // Clamped, so that the branch not taken stays finite; its gradient at 0 passes.
  const negative = apply(EXPM1, [x.clampMax(0)], [], x.shape, x.dtype);
  return where(x.gt(0), x, options.alpha === undefined ? negative : negative.mul(alpha));
});

/** The options of `leakyRelu`. */
export interface LeakyReluOptions {
  /** Default 0.01. */
  readonly negativeSlope?: number;
}

/**
 * x where positive, slope · x elsewhere. Its gradient at 0 is the slope. Same as torch.nn.functional.leaky_relu.
 *
 * @example
 * tensor([-1, 2]).leakyRelu(0.2); // tensor([-0.2000,  2.0000])
 */
export const leakyRelu: (x: Tensor, negativeSlope?: number | LeakyReluOptions) => Tensor = composite(
  (x: Tensor, slope: number | LeakyReluOptions = {}) => {
    checkFloat("leakyRelu", x);
    if (typeof slope !== "number") checkOptions("leakyRelu", slope, ["negativeSlope"]);
    const { negativeSlope = 0.01 } = typeof slope === "number" ? { negativeSlope: slope } : slope;
    checkNumber("leakyRelu", "negativeSlope", negativeSlope);
    return where(x.gt(0), x, x.mul(negativeSlope));
  },
);
