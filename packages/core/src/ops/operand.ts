import { type DType, integerRange, isFloat, numberDType, type Operand, resultType } from "../dtype.js";
import { DTypeError, show, ValueError } from "../errors.js";
import { scalar, Tensor } from "../tensor.js";
import { cast } from "./cast.js";

/** A tensor, or a plain number that takes part at run time. */
export type Value = Tensor | number | boolean;

/** The dtype that an operand has by itself. */
export const valueDType = (x: Value): DType => (x instanceof Tensor ? x.dtype : numberDType(x));

const operand = (x: Value): Operand => ({
  dtype: valueDType(x),
  rank: x instanceof Tensor ? (x.ndim > 0 ? "tensor" : "zeroDim") : "number",
});

/** Checks that an argument is a tensor or a plain number. */
export function checkValue(where: string, x: unknown): asserts x is Value {
  if (x instanceof Tensor || typeof x === "number" || typeof x === "boolean") return;
  throw new DTypeError(
    `${where}: expects a tensor or a number, got ${show(x)}`,
    Array.isArray(x) ? "wrap the array in tensor(…)" : undefined,
  );
}

/** The dtype that mixed operands meet in, by PyTorch's rules (see `resultType`). */
export function commonDType(...values: Value[]): DType {
  return resultType(values.map(operand));
}

/** Whether an integer dtype can hold a number; others hold any. */
export function fits(number: number, dtype: DType): boolean {
  const range = integerRange[dtype];
  return range === undefined || (number >= range[0] && number <= range[1]);
}

/** Turns an operand into a tensor of `dtype`; a number that an integer dtype cannot hold is an error, not wrapped. */
export function toOperand(where: string, x: Value, dtype: DType, near: Tensor): Tensor {
  if (x instanceof Tensor) return cast(x, dtype);
  if (isFloat(dtype)) return scalar(x, dtype, near.device);
  if (dtype === "bool") return scalar(Number(x) !== 0, dtype, near.device);
  const whole = Math.trunc(Number(x));
  if (!fits(whole, dtype)) {
    throw new ValueError(
      `${where}: ${String(x)} does not fit ${dtype}`,
      `convert the tensor first: x.to("${dtype === "uint8" ? "int32" : "float64"}")`,
    );
  }
  return scalar(whole, dtype, near.device);
}

/** Sums and products of bytes are taken modulo 256, and so is a number that takes part in them: -1 is 255. */
const inByte = (x: Value): Value => (typeof x === "number" ? ((x % 256) + 256) % 256 : x);

/** Brings two operands to their common dtype, or to `least` where that is wider in category. */
export function operands(where: string, x: Value, y: Value, float = false, wraps = false): [Tensor, Tensor] {
  // The common cases first: two tensors of one dtype; a float tensor and a number.
  if (x instanceof Tensor) {
    const { dtype } = x;
    if (y instanceof Tensor) {
      if (dtype === y.dtype && !(float && !isFloat(dtype))) return [x, y];
    } else if (typeof y === "number" && isFloat(dtype)) {
      return [x, scalar(y, dtype, x.device)];
    }
  } else if (typeof x === "number" && y instanceof Tensor && isFloat(y.dtype)) {
    return [scalar(x, y.dtype, y.device), y];
  }
  return converted(where, x, y, float, wraps);
}

function converted(where: string, x: Value, y: Value, float: boolean, wraps: boolean): [Tensor, Tensor] {
  checkValue(where, x);
  checkValue(where, y);
  const near = x instanceof Tensor ? x : y;
  if (!(near instanceof Tensor))
    throw new DTypeError(
      `${where}: one operand must be a tensor, got ${show(x)} and ${show(y)}`,
      "make one with tensor(…)",
    );
  let dtype = commonDType(x, y);
  if (float && !isFloat(dtype)) dtype = "float32";
  if (wraps && dtype === "uint8") [x, y] = [inByte(x), inByte(y)];
  return [toOperand(where, x, dtype, near), toOperand(where, y, dtype, near)];
}
