import { checkOptions, ValueError, show } from "../../errors.js";
import { isFloat } from "../../dtype.js";
import { composite, type Tensor } from "../../tensor.js";
import { toFloat } from "../cast.js";
import { checkTensor, type Unary } from "../define.js";
import { where } from "../where.js";

/** The options of `logit`. */
export interface LogitOptions {
  /** Take x as at least eps and at most 1 - eps. Without it, x outside [0, 1] gives NaN. */
  readonly eps?: number;
}

/**
 * The inverse of sigmoid: log(x / (1 - x)). Gradient: grad / (x · (1 - x)). Same as torch.logit.
 *
 * @example
 * logit(tensor([0.5, 0.9])); // tensor([0.0000, 2.1972])
 */
export const logit: (x: Tensor, options?: LogitOptions) => Tensor = composite(
  (x: Tensor, options: LogitOptions = {}) => {
    checkTensor("logit", x);
    checkOptions("logit", options, ["eps"]);
    const { eps } = options;
    if (eps !== undefined && !(eps >= 0 && eps <= 0.5))
      throw new ValueError(`logit: eps must be from 0 to 0.5, got ${show(eps)}`);
    const input = toFloat(x);
    const p = eps === undefined ? input : input.clamp(eps, 1 - eps);
    return p.div(p.neg().add(1)).log();
  },
);

/** sin(πx) / (πx), and 1 at 0. Gradient: grad · (cos(πx) - out) / x, and 0 at 0. Same as torch.sinc. */
export const sinc: Unary = composite((x: Tensor) => {
  checkTensor("sinc", x);
  const input = toFloat(x);
  const zero = input.eq(0);
  const angle = where(zero, 1, input).mul(Math.PI);
  return where(zero, 1, angle.sin().div(angle));
});

/** Tells where elements are positive infinity. No gradient: bools have none. Same as torch.isposinf. */
export const isposinf: Unary = composite((x: Tensor) => {
  checkTensor("isposinf", x);
  return isFloat(x.dtype) ? x.eq(Infinity) : x.ne(x);
});

/** Tells where elements are negative infinity. No gradient: bools have none. Same as torch.isneginf. */
export const isneginf: Unary = composite((x: Tensor) => {
  checkTensor("isneginf", x);
  return isFloat(x.dtype) ? x.eq(-Infinity) : x.ne(x);
});

/** −x log x, 0 at 0, and −∞ below. Gradient: -grad · (log x + 1). Same as torch.special.entr. */
export const entr: Unary = composite((x: Tensor) => {
  checkTensor("entr", x);
  const input = toFloat(x);
  const zero = input.eq(0);
  const positive = where(zero, 1, input);
  return where(input.lt(0), -Infinity, where(zero, 0, input.mul(positive.log()).neg()));
});
