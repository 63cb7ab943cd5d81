import { type DType, numberDType, type Operand, resultType } from "../dtype.js";
import { DTypeError, show } from "../errors.js";
import { scalar, Tensor } from "../tensor.js";
import { cast } from "./cast.js";

/** A tensor, or a plain number that takes part at run time. */
export type Value = Tensor | number | boolean;

const operand = (x: Value): Operand =>
  x instanceof Tensor ? { dtype: x.dtype, rank: x.ndim > 0 ? "tensor" : "zeroDim" } : { dtype: numberDType(x), rank: "number" };

/** Checks that an argument is a tensor or a plain number. */
export function checkValue(where: string, x: unknown): asserts x is Value {
  if (x instanceof Tensor || typeof x === "number" || typeof x === "boolean") return;
  throw new DTypeError(`${where}: expects a tensor or a number, got ${show(x)}`, Array.isArray(x) ? "wrap the array in tensor(…)" : undefined);
}

/** The dtype that mixed operands meet in, by PyTorch's rules (see `resultType`). */
export function commonDType(...values: Value[]): DType {
  return resultType(values.map(operand));
}

/** Turns an operand into a tensor of `dtype`. */
export function toOperand(x: Value, dtype: DType, near: Tensor | undefined): Tensor {
  return x instanceof Tensor ? cast(x, dtype) : scalar(x, dtype, near?.device);
}

/** Brings two operands to their common dtype, or to `least` where that is wider in category. */
export function operands(where: string, x: Value, y: Value, float = false): [Tensor, Tensor] {
  if (x instanceof Tensor) {
    // The common cases first: two tensors of one dtype; a float tensor and a number.
    if (y instanceof Tensor) {
      if (x.dtype === y.dtype && !(float && x.dtype !== "float32" && x.dtype !== "float64")) return [x, y];
    } else if (typeof y === "number" && (x.dtype === "float32" || x.dtype === "float64")) {
      return [x, scalar(y, x.dtype, x.device)];
    }
  }
  checkValue(where, x);
  checkValue(where, y);
  let dtype = commonDType(x, y);
  if (float && dtype !== "float64") dtype = "float32";
  const near = x instanceof Tensor ? x : y instanceof Tensor ? y : undefined;
  return [toOperand(x, dtype, near), toOperand(y, dtype, near)];
}

