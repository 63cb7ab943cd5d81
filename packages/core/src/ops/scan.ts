import type { GradientRule } from "../autograd/rule.js";
import type { DType } from "../dtype.js";
import { checkOptions } from "../errors.js";
import { defineOp, type Op } from "../program/node.js";
import type { ScanName } from "../program/vocabulary.js";
import { checkDim } from "../shape.js";
import { apply, composite, type Tensor } from "../tensor.js";
import { cast } from "./cast.js";
import { checkTensor } from "./define.js";
import { sumDType } from "./reduce.js";
import { productsBefore, runningShares } from "./running-products.js";
import { flipped } from "./view.js";

const CUMSUM: Op<GradientRule> = defineOp<GradientRule>("cumsum", [
  ({ grad, attrs }) => flipped(flipped(grad, attrs).cumsum(attrs[0]!), attrs),
]);
const CUMPROD: Op<GradientRule> = defineOp<GradientRule>("cumprod", [
  ({ grad, x, attrs }) => (x.ndim === 0 ? grad : productsBefore(x, attrs[0]!).mul(runningShares(grad, x, attrs[0]!))),
]);

/** The options of cumulative ops. */
export interface ScanOptions {
  /** Convert to this dtype first. */
  readonly dtype?: DType;
}

type Scan = (x: Tensor, dim: number, options?: ScanOptions) => Tensor;

const scan = (name: ScanName, op: Op<GradientRule>): Scan =>
  composite((x: Tensor, dim: number, options: ScanOptions = {}): Tensor => {
    checkTensor(name, x);
    checkOptions(name, options, ["dtype"]);
    const dtype = sumDType(name, x, options.dtype);
    return apply(op, [cast(x, dtype)], [checkDim(name, dim, x.ndim)], x.shape, dtype);
  }, name);

/**
 * Adds up the elements along `dim` so far. Ints and bools add up in int32, and wrap. Gradient: grad, added up from the
 * end. Same as torch.cumsum.
 */
export const cumsum: Scan = scan("cumsum", CUMSUM);

/**
 * Multiplies the elements along `dim` so far. Ints and bools multiply in int32, and wrap. The gradient divides by no
 * element, so it is right where they are 0. Same as torch.cumprod.
 */
export const cumprod: Scan = scan("cumprod", CUMPROD);
