import { withGrad } from "../autograd/mode.js";
import { isFloat } from "../dtype.js";
import { checkOptions, DTypeError, show, ValueError } from "../errors.js";
import { composite, type Tensor } from "../tensor.js";
import { checkFloat, checkTensor, flat, type Unary, unary } from "./define.js";

// Steps: their gradient is 0. Integers stay as they are, bools are refused.

/** Rounds down. Gradient: 0. Same as torch.floor. */
export const floor: Unary = unary("floor", flat, "keepNoBool");
/** Rounds up. Gradient: 0. Same as torch.ceil. */
export const ceil: Unary = unary("ceil", flat, "keepNoBool");
/** Rounds towards zero. Gradient: 0. Same as torch.trunc. */
export const trunc: Unary = unary("trunc", flat, "keepNoBool");

/** The options of `round`. */
export interface RoundOptions {
  /** Keep so many decimals; -2 rounds to hundreds. Default 0. */
  readonly decimals?: number;
}

const nearest: Unary = unary("round", flat, "keepNoBool");

const toDecimals = composite((x: Tensor, options: RoundOptions) => {
  checkTensor("round", x);
  checkOptions("round", options, ["decimals"]);
  const { decimals = 0 } = options;
  if (!Number.isInteger(decimals)) throw new ValueError(`round: decimals must be an integer, got ${show(decimals)}`);
  if (decimals === 0) return nearest(x);
  if (!isFloat(x.dtype))
    throw new DTypeError(`round: decimals need a float tensor, got ${x.dtype}`, 'convert it with x.to("float32")');
  const power = 10 ** Math.abs(decimals);
  return decimals > 0 ? nearest(x.mul(power)).div(power) : nearest(x.div(power)).mul(power);
});

/**
 * Rounds to the nearest whole number, halves to the even one; with `decimals`, to that many. Gradient: 0. Same as
 * torch.round.
 *
 * @example
 * tensor([0.5, 1.5, 2.5]).round(); // tensor([0., 2., 2.])
 * tensor([1234.567]).round({ decimals: 1 }); // tensor([1234.6000])
 */
export const round: (x: Tensor, options?: RoundOptions) => Tensor = (x, options) =>
  options === undefined ? nearest(x) : toDecimals(x, options);

/**
 * What is left of each element after `trunc`: x - trunc(x), with the sign of x. Float tensors only. Gradient: grad. Same
 * as torch.frac.
 */
export const frac: Unary = composite((x: Tensor) => {
  checkFloat("frac", x);
  return x.sub(withGrad(false, () => x.trunc()));
});
