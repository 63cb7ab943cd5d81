import type { GradientRule } from "../autograd/rule.js";
import { type DType, isFloat } from "../dtype.js";
import { DTypeError, ShapeError, show } from "../errors.js";
import { defineOp } from "../program/node.js";
import type { BinaryName, UnaryName } from "../program/vocabulary.js";
import { broadcast } from "../shape.js";
import { scalar, Tensor } from "../tensor.js";
import { applyToOne, applyToTwo } from "./apply-to.js";
import { toFloat } from "./cast.js";
import { operands, type Value, valueDType } from "./operand.js";
import { isCasting, precise } from "../precision.js";
import { toExpanded } from "./view.js";

/** An op on each element. */
export type Unary = (x: Tensor) => Tensor;
/** An op on pairs of elements, broadcasting and promoting dtypes as PyTorch does. One of the two is a tensor. */
export type Binary = (x: Value, y: Value) => Tensor;

/** What an op does with integer and bool input: compute in float32, compute as it is, or refuse bool. */
type Integers = "toFloat" | "keep" | "keepNoBool";

const NONE: readonly never[] = [];

/** Defines an elementwise primitive of one input by its name and gradient. */
export function unary(name: UnaryName, rule: GradientRule | null, integers: Integers = "toFloat"): Unary {
  const op = defineOp<GradientRule>(name, rule && [rule]);
  return (x) => {
    checkTensor(name, x);
    if (!isFloat(x.dtype)) {
      if (integers === "toFloat") x = toFloat(x);
      else if (integers === "keepNoBool") checkNoBool(name, x.dtype);
    }
    if (isCasting()) [x] = precise(name, [x]);
    return applyToOne(op, x, NONE, x.shape, x.dtype);
  };
}

/** Checks that an op's main argument is a tensor. */
export function checkTensor(where: string, x: unknown): asserts x is Tensor {
  if (!(x instanceof Tensor)) throw tensorError(where, x);
}

/** Checks that an op got an array of tensors, and not an empty one. */
export function checkTensors(where: string, tensors: unknown): asserts tensors is readonly Tensor[] {
  if (!Array.isArray(tensors))
    throw new ShapeError(`${where}: takes an array of tensors, got ${show(tensors)}`, `write ${where}([a, b])`);
  if (tensors.length === 0) throw new ShapeError(`${where}: needs at least one tensor, got []`);
  for (const x of tensors) checkTensor(where, x);
}

function tensorError(where: string, x: unknown): DTypeError {
  return new DTypeError(`${where}: expects a tensor, got ${show(x)}`, "make one with tensor(…)");
}

/** Checks a dtype for an op that is not defined for bool. */
export function checkNoBool(where: string, dtype: DType): void {
  if (dtype === "bool")
    throw new DTypeError(
      `${where}: not defined for bool`,
      'use logicalNot, logicalAnd, logicalOr or logicalXor, or convert: x.to("float32")',
    );
}

/** Checks an op that takes float tensors only, as PyTorch does for most activations. */
export function checkFloat(where: string, x: unknown): asserts x is Tensor {
  checkTensor(where, x);
  if (!isFloat(x.dtype))
    throw new DTypeError(`${where}: needs a float tensor, got ${x.dtype}`, 'convert it with x.to("float32")');
}

interface BinaryOptions {
  /** The name that users see, where it is not the primitive's. */
  readonly as?: string;
  /** The primitive takes the operands in the other order: x > y is y < x. */
  readonly swapped?: boolean;
  /** Compute integers in float32, as division does. */
  readonly float?: boolean;
  /** Comparisons give bool. */
  readonly result?: DType;
  /** Refuse two bools, or (`any`) one among the operands. */
  readonly refuseBool?: "both" | "any";
  /** Take numbers modulo 256 beside uint8, as PyTorch's sums and products do. */
  readonly wraps?: boolean;
}

/** Defines an elementwise primitive of two inputs by its name and a gradient rule for each. */
export function binary(
  name: BinaryName,
  rules: readonly [GradientRule | null, GradientRule | null] | null,
  options: BinaryOptions = {},
): Binary {
  const op = defineOp<GradientRule>(name, rules);
  const { as: where = name, swapped = false, float = false, result, refuseBool, wraps = false } = options;
  return (x, y) => {
    const { 0: a, 1: b } = operands(where, x, y, float, wraps); // V8 goes through an iterator for [a, b]
    if (refuseBool !== undefined) {
      checkNoBool(where, a.dtype);
      if (refuseBool === "any") {
        checkNoBool(where, valueDType(x));
        checkNoBool(where, valueDType(y));
      }
    }
    const shape = broadcast(where, a.shape, b.shape);
    const dtype = result ?? a.dtype;
    return swapped ? applyToTwo(op, b, a, NONE, shape, dtype) : applyToTwo(op, a, b, NONE, shape, dtype);
  };
}

/** The gradient of a step: 0 wherever there is one. PyTorch gives zeros here too, and not nothing. */
export const flat: GradientRule = ({ grad, shape }) => toExpanded(scalar(0, grad.dtype, grad.device), shape);
