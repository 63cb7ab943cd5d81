import type { GradientRule } from "../autograd/rule.js";
import { checkOptions } from "../errors.js";
import { defineOp, type Op } from "../program/node.js";
import { checkDim, checkDims } from "../shape.js";
import { composite, scalar, type Tensor } from "../tensor.js";
import { cast } from "./cast.js";
import { checkTensor } from "./define.js";
import {
  type Dims,
  reduce,
  type ReduceOptions,
  reducedShape,
  type SumOptions,
  sumDType,
  sumOver,
  unreduce,
} from "./reduce.js";
import { productsOfOthers } from "./running-products.js";
import { copied, toExpanded, toShape } from "./view.js";

export type { Dims, ReduceOptions, SumOptions };

// The product of all other elements, which a division by x would lose at a zero.
const PROD: Op<GradientRule> = defineOp<GradientRule>("prod", [
  ({ grad, x, shape, attrs }) => {
    const others =
      attrs.length === 2
        ? productsOfOthers(x, attrs[1]!)
        : toShape(productsOfOthers(toShape(x, [x.numel()]), 0), shape);
    return unreduce(grad, shape, attrs).mul(others);
  },
]);
const ANY: Op<GradientRule> = defineOp<GradientRule>("max", null);
const ALL: Op<GradientRule> = defineOp<GradientRule>("min", null);

const sumOptions: readonly string[] = ["keepdim", "dtype"];

type Sum = (x: Tensor, dim?: Dims | null, options?: SumOptions) => Tensor;

/**
 * Sums over dims, or all of them; nothing sums to 0. Ints and bools sum in int32, and wrap. Gradient: grad, spread over
 * what was summed. Same as torch.sum.
 *
 * @example
 * tensor([[1, 2], [3, 4]]).sum(1, { keepdim: true }); // tensor([[3.], [7.]])
 */
export const sum: Sum = composite((x: Tensor, dim?: Dims | null, options?: SumOptions): Tensor => {
  checkTensor("sum", x);
  checkOptions("sum", options, sumOptions);
  const dims = checkDims("sum", dim, x.ndim);
  return sumOver(x, dims, options?.keepdim ?? false, sumDType("sum", x, options?.dtype));
}, "sum");

type Prod = (x: Tensor, dim?: number | null, options?: SumOptions) => Tensor;

/**
 * Multiplies the elements along one dim, or all of them; nothing multiplies to 1. Ints and bools multiply in int32, and
 * wrap. Gradient: grad times the product of the others, also where elements are 0. Same as torch.prod.
 */
export const prod: Prod = composite((x: Tensor, dim?: number | null, options: SumOptions = {}): Tensor => {
  checkTensor("prod", x);
  checkOptions("prod", options, sumOptions);
  const dtype = sumDType("prod", x, options.dtype);
  const dims = checkDims("prod", dim === undefined || dim === null ? null : checkDim("prod", dim, x.ndim), x.ndim);
  return reduce(PROD, cast(x, dtype), dims, options.keepdim ?? false, dtype);
}, "prod");

type Logic = (x: Tensor, dim?: Dims | null, options?: ReduceOptions) => Tensor;

/** Reduces truth values with a primitive; `ofNothing` is what no values give. uint8 stays uint8, as in PyTorch. */
const logic = (name: string, op: Op<GradientRule>, ofNothing: boolean): Logic =>
  composite((x: Tensor, dim?: Dims | null, options: ReduceOptions = {}): Tensor => {
    checkTensor(name, x);
    checkOptions(name, options, ["keepdim"]);
    const dims = checkDims(name, dim, x.ndim);
    const keepdim = options.keepdim ?? false;
    const result = dims.some((d) => x.shape[d] === 0)
      ? copied(toExpanded(scalar(ofNothing, "bool", x.device), reducedShape(x.shape, dims, keepdim)))
      : reduce(op, cast(x, "bool"), dims, keepdim, "bool");
    return cast(result, x.dtype === "uint8" ? "uint8" : "bool");
  });

/**
 * Whether all elements are true, that is not 0, over dims or altogether. NaN is true. No gradient: bools have none. Same
 * as torch.all.
 */
export const all: Logic = logic("all", ALL, true);

/**
 * Whether any element is true, that is not 0, over dims or altogether. NaN is true. No gradient: bools have none. Same as
 * torch.any.
 */
export const any: Logic = logic("any", ANY, false);

/**
 * Counts the elements that are not 0, over dims or altogether, in int32. No gradient: int32 has none. Same as
 * torch.count_nonzero.
 */
export const countNonzero: (x: Tensor, dim?: Dims | null) => Tensor = composite(
  (x: Tensor, dim?: Dims | null): Tensor => {
    checkTensor("countNonzero", x);
    return sumOver(cast(x, "bool"), checkDims("countNonzero", dim, x.ndim), false, "int32");
  },
);
