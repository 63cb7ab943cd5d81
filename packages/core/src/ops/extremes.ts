import type { GradientRule } from "../autograd/rule.js";
import type { DType } from "../dtype.js";
import { checkOptions, DTypeError, ShapeError, show, ValueError } from "../errors.js";
import { defineOp, type Op } from "../program/node.js";
import { checkDim, checkDims, text } from "../shape.js";
import { composite, scalar, Tensor } from "../tensor.js";
import { where } from "./where.js";
import { checkTensor } from "./define.js";
import { iota } from "./index-access.js";
import { type Dims, reduce, type ReduceOptions, unreduce } from "./reduce.js";
import { toShape } from "./view.js";

type Extreme = "max" | "min";

/** Ties share the gradient; NaN wins, so several of them share it too. */
const shared: GradientRule = ({ grad, x, out, shape, attrs }) => {
  const winners = x
    .eq(unreduce(out, shape, attrs))
    .logicalOr(x.ne(x))
    .to(grad.dtype);
  const count = winners.sum(attrs.slice(1), { keepdim: true });
  return toShape(grad, count.shape).div(count).mul(winners);
};

/** The gradient goes to the first index that wins, along the one dim in attrs. */
const toFirst =
  (which: Extreme): GradientRule =>
  ({ grad, x, shape, attrs }) => {
    const dim = attrs[1]!;
    const places = toShape(
      iota(shape[dim]!, x.device),
      shape.map((size, i) => (i === dim ? size : 1)),
    );
    const winner = reduce(PLACE[which], x, [dim], true, "int32");
    return where(places.eq(winner), unreduce(grad, shape, attrs), scalar(0, grad.dtype, grad.device));
  };

const SHARED: Record<Extreme, Op<GradientRule>> = {
  max: defineOp<GradientRule>("max", [shared]),
  min: defineOp<GradientRule>("min", [shared]),
};
const FIRST: Record<Extreme, Op<GradientRule>> = {
  max: defineOp<GradientRule>("max", [toFirst("max")]),
  min: defineOp<GradientRule>("min", [toFirst("min")]),
};
const PLACE: Record<Extreme, Op<GradientRule>> = {
  max: defineOp<GradientRule>("argmax", null),
  min: defineOp<GradientRule>("argmin", null),
};

/** Reduces dims, which must have elements; `name` is named in errors. */
function extreme(
  name: string,
  op: Op<GradientRule>,
  x: Tensor,
  dims: readonly number[],
  keepdim: boolean,
  dtype: DType = x.dtype,
): Tensor {
  const none = dims.find((dim) => x.shape[dim] === 0);
  if (none !== undefined) {
    throw new ShapeError(
      `${name}: dim ${none} of ${text(x.shape)} is empty, and nothing has no ${name.includes("max") ? "greatest" : "least"} element`,
      "leave empty tensors out",
    );
  }
  return reduce(op, x, dims, keepdim, dtype);
}

type Amax = (x: Tensor, dim?: Dims | null, options?: ReduceOptions) => Tensor;

const over = (name: string, op: Op<GradientRule>): Amax =>
  composite((x: Tensor, dim?: Dims | null, options: ReduceOptions = {}): Tensor => {
    checkTensor(name, x);
    checkOptions(name, options, ["keepdim"]);
    return extreme(name, op, x, checkDims(name, dim, x.ndim), options.keepdim ?? false);
  });

/**
 * Takes the greatest element over dims, or of all; NaN if there is one. Ties share the gradient. Same as torch.amax.
 *
 * @throws ShapeError for a dim without elements.
 */
export const amax: Amax = over("amax", SHARED.max);

/**
 * Takes the least element over dims, or of all; NaN if there is one. Ties share the gradient. Same as torch.amin.
 *
 * @throws ShapeError for a dim without elements.
 */
export const amin: Amax = over("amin", SHARED.min);

interface Max {
  (x: Tensor, other?: Tensor): Tensor;
  (x: Tensor, dim: number, options?: ReduceOptions): [values: Tensor, indices: Tensor];
}

const forms = (which: Extreme, ofTwo: (x: Tensor, other: Tensor) => Tensor): Max =>
  composite((x: Tensor, given?: Tensor | number, options: ReduceOptions = {}): Tensor | [Tensor, Tensor] => {
    checkTensor(which, x);
    checkOptions(which, options, ["keepdim"]);
    if (typeof given !== "number" && options.keepdim !== undefined)
      throw new ValueError(`${which}: keepdim goes with a dim`, `over all dims: x.a${which}(null, { keepdim: true })`);
    if (given instanceof Tensor) return ofTwo(x, given);
    if (given === undefined) return extreme(which, SHARED[which], x, checkDims(which, undefined, x.ndim), false);
    if (typeof given !== "number")
      throw new ValueError(
        `${which}: takes nothing, a dim or a tensor, got ${show(given)}`,
        `over several dims: x.a${which}([0, 1])`,
      );
    const dim = checkDim(which, given, x.ndim);
    const keepdim = options.keepdim === true && x.ndim > 0;
    const row = x.ndim === 0 ? toShape(x, [1]) : x;
    const values = extreme(which, FIRST[which], row, [dim], keepdim);
    return [values, extreme(which, PLACE[which], row, [dim], keepdim, "int32")];
  }) as Max;

/**
 * Takes the greatest element of all, where ties share the gradient; or along `dim`, as [values, indices], where the
 * gradient goes to the first of equals; or of two tensors, elementwise. NaN wins. Same as torch.max.
 *
 * @throws ShapeError where there are no elements.
 *
 * @example
 * const [values, indices] = tensor([[1, 3, 2]]).max(1); // tensor([3.]), tensor([1])
 */
export const max: Max = forms("max", (x, other) => x.maximum(other));

/**
 * Takes the least element of all, where ties share the gradient; or along `dim`, as [values, indices], where the
 * gradient goes to the first of equals; or of two tensors, elementwise. NaN wins. Same as torch.min.
 *
 * @throws ShapeError where there are no elements.
 */
export const min: Max = forms("min", (x, other) => x.minimum(other));

type Arg = (x: Tensor, dim?: number | null, options?: ReduceOptions) => Tensor;

const position = (name: string, which: Extreme): Arg =>
  composite((x: Tensor, dim?: number | null, options: ReduceOptions = {}): Tensor => {
    checkTensor(name, x);
    checkOptions(name, options, ["keepdim"]);
    if (x.dtype === "bool") throw new DTypeError(`${name}: not defined for bool`, 'convert it with x.to("int32")');
    const keepdim = options.keepdim ?? false;
    if (typeof dim === "number" && x.ndim > 0)
      return extreme(name, PLACE[which], x, [checkDim(name, dim, x.ndim)], keepdim, "int32");
    if (dim !== undefined && dim !== null) checkDim(name, dim, x.ndim);
    if (x.numel() === 0) throw new ShapeError(`${name}: ${text(x.shape)} has no elements`, "leave empty tensors out");
    const found = extreme(name, PLACE[which], toShape(x, [x.numel()]), [0], false, "int32");
    return keepdim
      ? toShape(
          found,
          x.shape.map(() => 1),
        )
      : found;
  });

/**
 * Finds the index of the greatest element along `dim`, or in the flattened tensor: the first of equals, or of NaNs. Gives
 * int32. No gradient: int32 has none. Same as torch.argmax.
 *
 * @throws ShapeError where there are no elements; DTypeError for bool.
 */
export const argmax: Arg = position("argmax", "max");

/**
 * Finds the index of the least element along `dim`, or in the flattened tensor: the first of equals, or of NaNs. Gives
 * int32. No gradient: int32 has none. Same as torch.argmin.
 *
 * @throws ShapeError where there are no elements; DTypeError for bool.
 */
export const argmin: Arg = position("argmin", "min");
