import type { GradientRule } from "../autograd/rule.js";
import { type DType, isFloat } from "../dtype.js";
import { checkOptions, DTypeError } from "../errors.js";
import { defineOp, type Op } from "../program/node.js";
import { checkDims, sizeOf } from "../shape.js";
import { composite, type Tensor } from "../tensor.js";
import { checkTensor } from "./define.js";
import { cast } from "./cast.js";
import { reduce, unreduce } from "./reduce.js";

/** One dim, several, or none for all. */
export type Dims = number | readonly number[];

export interface ReduceOptions {
  /** Keep reduced dims with size 1. */
  readonly keepdim?: boolean;
}

const SUM: Op<GradientRule> = defineOp<GradientRule>("sum", [({ grad, shape, attrs }) => unreduce(grad, shape, attrs)]);

export interface SumOptions extends ReduceOptions {
  /** Convert to this dtype before summing. */
  readonly dtype?: DType;
}

type Sum = (x: Tensor, dim?: Dims | null, options?: SumOptions) => Tensor;

/**
 * Sums over dims, or all of them. Ints and bools sum in int32. Gradient: grad, spread over what was summed.
 * Same as torch.sum.
 */
export const sum: Sum = composite((x: Tensor, dim?: Dims | null, options: SumOptions = {}) => {
  checkTensor("sum", x);
  checkOptions("sum", options, ["keepdim", "dtype"]);
  const dtype = options.dtype ?? (isFloat(x.dtype) ? x.dtype : "int32");
  return reduce(SUM, cast(x, dtype), checkDims("sum", dim, x.ndim), options.keepdim ?? false, dtype);
});

/** Averages over dims, or all of them. Gradient: grad / count. Same as torch.mean. */
export const mean: Sum = composite((x: Tensor, dim?: Dims | null, options: SumOptions = {}) => {
  checkTensor("mean", x);
  const dims = checkDims("mean", dim, x.ndim);
  if (!isFloat(options.dtype ?? x.dtype)) {
    throw new DTypeError(`mean: needs a float dtype, got ${x.dtype}`, 'write x.mean(dim, { dtype: "float32" })');
  }
  return sum(x, dims, options).div(sizeOf(dims.map((d) => x.shape[d]!)));
});
