import type { Tensor } from "@downhill/core";
import { elu, leakyRelu, ShapeError, softmax, softplus, where } from "@downhill/core";
import {
  checkDim,
  checkFlag,
  checkFloat,
  checkOptions,
  composite,
  show,
  text,
  uniformNoise,
  ValueError,
} from "@downhill/core/engine";
import { checkNotNegative, checkNumber, needNumber } from "../option-checks.js";

/** The options of `functional.celu`. */
export interface CELUFunctionOptions {
  /** The limit for x → -∞ is -alpha. Default 1. */
  readonly alpha?: number;
}

/** The options of `functional.rrelu`. */
export interface RReLUFunctionOptions {
  /** Default 1/8. */
  readonly lower?: number;
  /** Default 1/3. */
  readonly upper?: number;
  /** Draw a slope for each element; false takes the middle. Default false: pass your module's `training`. */
  readonly training?: boolean;
}

type Unary = (x: Tensor) => Tensor;

/** The numbers that keep a mean of 0 and a variance of 1 (Klambauer et al., 2017). */
const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

/**
 * Computes 1.0507 · (x where positive, 1.6733 · (eˣ - 1) elsewhere). Same as torch.nn.functional.selu. Klambauer et al.,
 * 2017.
 *
 * @example
 * functional.selu(tensor([-1, 2])); // tensor([-1.1113,  2.1014])
 */
export const selu: Unary = /* @__PURE__ */ composite((x: Tensor) => {
  checkFloat("selu", x);
  return elu(x, { alpha: SELU_ALPHA }).mul(SELU_SCALE);
});

/** Checks alpha of celu, which divides. */
export function checkCELU(name: string, options: CELUFunctionOptions = {}): number {
  checkOptions(name, options, ["alpha"]);
  const alpha = checkNumber(name, "alpha", options.alpha, 1);
  if (alpha === 0) throw new ValueError(`${name}: alpha must not be 0`);
  return alpha;
}

/**
 * Computes x where positive, alpha · (e^(x / alpha) - 1) elsewhere: elu with a slope without a step. Same as
 * torch.nn.functional.celu. Barron, 2017.
 *
 * @example
 * functional.celu(tensor([-1, 2]), { alpha: 2 }); // tensor([-0.7869,  2.0000])
 */
export const celu: (x: Tensor, options?: CELUFunctionOptions) => Tensor = /* @__PURE__ */ composite(
  (x: Tensor, options?: CELUFunctionOptions) => {
    checkFloat("celu", x);
    const alpha = checkCELU("celu", options);
    return where(x.gt(0), x, elu(x.div(alpha)).mul(alpha));
  },
);

/**
 * Sets x to 0 where |x| ≤ lambd. Same as torch.nn.functional.hardshrink.
 *
 * @example
 * functional.hardshrink(tensor([-1, 0.2, 2])); // tensor([-1.,  0.,  2.])
 */
export const hardshrink: (x: Tensor, lambd?: number) => Tensor = /* @__PURE__ */ composite(
  (x: Tensor, lambd?: number) => {
    checkFloat("hardshrink", x);
    return where(x.abs().le(checkNumber("hardshrink", "lambd", lambd, 0.5)), 0, x);
  },
);

/**
 * Moves x towards 0 by lambd, and not beyond. Same as torch.nn.functional.softshrink; NaN stays NaN.
 *
 * @throws ValueError for a lambd below 0.
 *
 * @example
 * functional.softshrink(tensor([-1, 0.2, 2])); // tensor([-0.5000,  0.0000,  1.5000])
 */
export const softshrink: (x: Tensor, lambd?: number) => Tensor = /* @__PURE__ */ composite(
  (x: Tensor, lambd?: number) => {
    checkFloat("softshrink", x);
    const bound = checkNotNegative("softshrink", "lambd", lambd, 0.5);
    return where(x.abs().le(bound), 0, x.sub(x.sign().mul(bound)));
  },
);

/** Computes relu6(x + 3) / 6, sigmoid in straight lines. Same as torch.nn.functional.hardsigmoid. */
export const hardsigmoid: Unary = /* @__PURE__ */ composite((x: Tensor) => {
  checkFloat("hardsigmoid", x);
  return x.add(3).relu6().div(6);
});

/**
 * Computes x · relu6(x + 3) / 6, silu in straight lines. Its gradient is 0 at -3 and 1 at 3. Same as
 * torch.nn.functional.hardswish. Howard et al., 2019.
 */
export const hardswish: Unary = /* @__PURE__ */ composite((x: Tensor) => {
  checkFloat("hardswish", x);
  return x.mul(x.add(3).relu6()).div(6);
});

/**
 * Computes x where positive, weight · x elsewhere, with one weight, or one for each channel (the second dim). Same as
 * torch.nn.functional.prelu. He et al., 2015.
 *
 * @throws ShapeError for a weight of another size.
 *
 * @example
 * functional.prelu(tensor([[-2, -2]]), tensor([0.25, 0.5])); // tensor([[-0.5000, -1.0000]])
 */
export const prelu: (x: Tensor, weight: Tensor) => Tensor = /* @__PURE__ */ composite((x: Tensor, weight: Tensor) => {
  checkFloat("prelu", x);
  checkFloat("prelu", weight);
  const channels = x.ndim > 1 ? x.shape[1]! : 1;
  const count = weight.numel();
  if (weight.ndim > 1 || (count !== 1 && count !== channels))
    throw new ShapeError(
      `prelu: for input ${text(x.shape)} the weight must have shape [1] or [${channels}], got ${text(weight.shape)}`,
    );
  const slope = count === 1 ? weight.reshape([]) : weight.reshape([-1, ...new Array<number>(x.ndim - 2).fill(1)]);
  // Clamped, so that an infinite x leaves the weight's gradient finite.
  return where(x.gt(0), x, x.clampMax(0).mul(slope));
}, "prelu");

/** Checks the bounds of the slope. */
export function checkRReLU(
  name: string,
  options: RReLUFunctionOptions,
  known: readonly string[],
): { lower: number; upper: number } {
  checkOptions(name, options, ["lower", "upper", ...known]);
  const lower = checkNumber(name, "lower", options.lower, 1 / 8);
  const upper = checkNumber(name, "upper", options.upper, 1 / 3);
  if (!(lower <= upper)) throw new ValueError(`${name}: lower ${show(lower)} must not be above upper ${show(upper)}`);
  return { lower, upper };
}

/**
 * Computes x where positive, a · x elsewhere, with a slope a between `lower` and `upper`: in training drawn for each
 * element by `manualSeed`'s seed (not PyTorch's numbers), else the middle. Same as torch.nn.functional.rrelu. Xu et al.,
 * 2015.
 *
 * @example
 * functional.rrelu(tensor([-2, 2]), { lower: 0.1, upper: 0.3 }); // tensor([-0.4000,  2.0000])
 */
export const rrelu: (x: Tensor, options?: RReLUFunctionOptions) => Tensor = /* @__PURE__ */ composite(
  (x: Tensor, options: RReLUFunctionOptions = {}) => {
    checkFloat("rrelu", x);
    const { lower, upper } = checkRReLU("rrelu", options, ["training"]);
    checkFlag("rrelu: training", options.training);
    if (!(options.training ?? false)) return leakyRelu(x, (lower + upper) / 2);
    const slopes = uniformNoise(x.shape, x.dtype, x.device).mul(upper - lower).add(lower); // prettier-ignore
    return where(x.gt(0), x, x.mul(slopes));
  },
);

/** Computes x / (1 + |x|). Same as torch.nn.functional.softsign. */
export const softsign: Unary = /* @__PURE__ */ composite((x: Tensor) => {
  checkFloat("softsign", x);
  return x.div(x.abs().add(1));
});

/** Computes x · tanh(log(1 + eˣ)). Same as torch.nn.functional.mish. Misra, 2019. */
export const mish: Unary = /* @__PURE__ */ composite((x: Tensor) => {
  checkFloat("mish", x);
  return x.mul(softplus(x).tanh());
});

/** Computes x - tanh(x). Same as torch.nn.functional.tanhshrink. */
export const tanhshrink: Unary = /* @__PURE__ */ composite((x: Tensor) => {
  checkFloat("tanhshrink", x);
  return x.sub(x.tanh());
});

/**
 * Replaces x by `value` where it is not above `threshold`. Same as torch.nn.functional.threshold.
 *
 * @example
 * functional.threshold(tensor([0.5, 2]), 1, -3); // tensor([-3.,  2.])
 */
export const threshold: (x: Tensor, threshold: number, value: number) => Tensor = /* @__PURE__ */ composite(
  (x: Tensor, least: number, value: number) => {
    checkFloat("threshold", x);
    const bound = needNumber("threshold", "threshold", least);
    return where(x.le(bound), needNumber("threshold", "value", value), x);
  },
);

/**
 * Halves a dim into a and b, and computes a · sigmoid(b). Same as torch.nn.functional.glu. Dauphin et al., 2017.
 *
 * @throws ShapeError for a dim of odd size.
 *
 * @example
 * functional.glu(tensor([1, 2, 0, 0])); // tensor([0.5000, 1.0000])
 */
export const glu: (x: Tensor, dim?: number) => Tensor = /* @__PURE__ */ composite((x: Tensor, dim = -1) => {
  checkFloat("glu", x);
  const axis = checkDim("glu", dim, x.ndim);
  const size = x.shape[axis] ?? 1;
  if (x.ndim === 0 || size % 2 !== 0)
    throw new ShapeError(`glu: the size of dim ${dim} must be even, got shape ${text(x.shape)}`);
  return x.narrow(axis, 0, size / 2).mul(x.narrow(axis, size / 2, size / 2).sigmoid());
});

/** Computes the softmax of -x along a dim. Same as torch.nn.functional.softmin. */
export const softmin: (x: Tensor, dim: number) => Tensor = /* @__PURE__ */ composite((x: Tensor, dim: number) => {
  checkFloat("softmin", x);
  return softmax(x.neg(), dim);
}, "softmin");
