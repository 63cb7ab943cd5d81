import { type DType, integerRange, type TypedArray } from "./dtype.js";
import { DTypeError, ShapeError, show, ValueError } from "./errors.js";
import type { Shape } from "./shape.js";
import { Tensor } from "./tensor.js";

/** Any typed array: its elements are read as numbers. */
export type NumberArray =
  TypedArray | Uint8ClampedArray | Int8Array | Int16Array | Uint16Array | Uint32Array | BigInt64Array;

/** Numbers, booleans, or arrays of them, nested to any depth, with typed arrays as innermost rows. */
export type TensorData = number | boolean | NumberArray | readonly TensorData[];

const isTyped = (data: unknown): data is NumberArray => ArrayBuffer.isView(data) && !(data instanceof DataView);

const arrayDType = (data: NumberArray): DType => {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Float64Array) return "float64";
  return data instanceof Uint8Array || data instanceof Uint8ClampedArray ? "uint8" : "int32";
};

/** Reads the shape of nested data off its first rows, and the dtype that it implies. */
export function describe(data: unknown): { shape: Shape; dtype: DType } {
  const shape: number[] = [];
  let level = data;
  while (Array.isArray(level) && level.length > 0) {
    shape.push(level.length);
    level = level[0];
  }
  if (isTyped(level)) return { shape: [...shape, level.length], dtype: arrayDType(level) };
  if (Array.isArray(level)) shape.push(0);
  // true beside 2.5 is 1: one number makes all of them numbers.
  return { shape, dtype: typeof level === "boolean" && allBooleans(data) ? "bool" : "float32" };
}

function allBooleans(data: unknown): boolean {
  return Array.isArray(data) ? data.every(allBooleans) : typeof data === "boolean";
}

/** What a number is stored as: cut towards zero for integers, which it must fit. */
export function converter(where: string, dtype: DType): (x: number) => number {
  if (dtype === "bool") return (x) => (x !== 0 ? 1 : 0);
  const limits = integerRange[dtype];
  if (limits === undefined) return (x) => x;
  const [least, most] = limits;
  return (x) => {
    const whole = Math.trunc(x);
    // PyTorch lets negative numbers wrap into uint8. NaN fails.
    if (whole >= (least || -most) && whole <= most) return whole;
    throw new ValueError(
      `${where}: ${x} does not fit ${dtype}`,
      `it holds whole numbers from ${least} to ${most}; take "float32" or "float64"`,
    );
  };
}

/** Writes nested data into `out`, row-major, and checks that it is as deep and as long everywhere. */
export function flatten(data: TensorData, shape: Shape, out: TypedArray, dtype: DType): void {
  const convert = converter("tensor", dtype);
  const hint = "all rows need the same length and depth";
  const path: number[] = [];
  const where = (): string => (path.length === 0 ? "the data" : `element [${path.join("][")}]`);
  let at = 0;
  const visit = (level: unknown, dim: number): void => {
    if (dim === shape.length) {
      if (typeof level === "number" || typeof level === "boolean") out[at++] = convert(Number(level));
      else if (Array.isArray(level) || isTyped(level))
        throw new ShapeError(`tensor: ragged array: ${where()} is an array where a number was expected`, hint);
      else
        throw new DTypeError(
          `tensor: ${where()} is ${show(level)}, not a number or boolean`,
          level instanceof Tensor ? "join tensors with stack([...])" : undefined,
        );
      return;
    }
    if (!Array.isArray(level) && !isTyped(level)) {
      throw new ShapeError(
        `tensor: ragged array: ${where()} is ${show(level)} where ${shape[dim]!} elements were expected`,
        hint,
      );
    }
    if (level.length !== shape[dim]) {
      throw new ShapeError(
        `tensor: ragged array: ${where()} has ${level.length} elements where ${shape[dim]!} were expected`,
        hint,
      );
    }
    if (isTyped(level)) {
      if (dim !== shape.length - 1)
        throw new ShapeError(`tensor: ragged array: ${where()} is a typed array where rows were expected`, hint);
      if (level.constructor === out.constructor && dtype !== "bool") out.set(level as TypedArray, at);
      else for (let i = 0; i < level.length; i++) out[at + i] = convert(Number(level[i]));
      at += level.length;
      return;
    }
    for (let i = 0; i < level.length; i++) {
      path[dim] = i;
      visit(level[i], dim + 1);
    }
    path.length = dim;
  };
  visit(data, 0);
}
