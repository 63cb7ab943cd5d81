import type { GradientRule } from "../autograd/rule.js";
import { type DType, isFloat } from "../dtype.js";
import { DTypeError, show } from "../errors.js";
import { defineOp } from "../program/node.js";
import type { BinaryName, UnaryName } from "../program/vocabulary.js";
import { broadcast } from "../shape.js";
import { apply, Tensor } from "../tensor.js";
import { toFloat } from "./cast.js";
import { operands, type Value } from "./operand.js";

/** An op on each element. */
export type Unary = (x: Tensor) => Tensor;
/** An op on pairs of elements, broadcasting and promoting dtypes as PyTorch does. */
export type Binary = (x: Value, y: Value) => Tensor;

/** What an op does with integer and bool input: compute in float32, compute as it is, or refuse bool. */
type Integers = "toFloat" | "keep" | "keepNoBool";

/** Defines an elementwise primitive of one input by its name and gradient. */
export function unary(name: UnaryName, rule: GradientRule | null, integers: Integers = "toFloat"): Unary {
  const op = defineOp<GradientRule>(name, rule && [rule]);
  return (x) => {
    checkTensor(name, x);
    if (!isFloat(x.dtype)) {
      if (integers === "toFloat") x = toFloat(x);
      else if (integers === "keepNoBool" && x.dtype === "bool") {
        throw new DTypeError(`${name}: not defined for bool`, "use x.logicalNot(), or convert with x.to(dtype)");
      }
    }
    return apply(op, [x], [], x.shape, x.dtype);
  };
}

/** Checks that an op's main argument is a tensor. */
export function checkTensor(where: string, x: unknown): asserts x is Tensor {
  if (!(x instanceof Tensor)) throw new DTypeError(`${where}: expects a tensor, got ${show(x)}`, "make one with tensor(…)");
}

interface BinaryOptions {
  /** Compute integers in float32, as division does. */
  readonly float?: boolean;
  /** Comparisons give bool. */
  readonly result?: DType;
  readonly refuseBool?: boolean;
}

/** Defines an elementwise primitive of two inputs by its name and a gradient rule for each. */
export function binary(name: BinaryName, rules: readonly [GradientRule | null, GradientRule | null] | null, options: BinaryOptions = {}): Binary {
  const op = defineOp<GradientRule>(name, rules);
  const { float = false, result, refuseBool = false } = options;
  return (x, y) => {
    const [a, b] = operands(name, x, y, float);
    if (refuseBool && a.dtype === "bool") {
      throw new DTypeError(`${name}: not defined for bool`, "use logicalXor or logicalNot, or convert with x.to(dtype)");
    }
    return apply(op, [a, b], [], broadcast(name, a.shape, b.shape), result ?? a.dtype);
  };
}
