import type { GradientRule } from "../autograd/rule.js";
import { type DType, isFloat } from "../dtype.js";
import { checkOptions, DTypeError, ShapeError, show, ValueError } from "../errors.js";
import { defineOp, type Op } from "../program/node.js";
import { broadcast, text } from "../shape.js";
import { apply, composite, Tensor } from "../tensor.js";
import { cast } from "./cast.js";
import { checkFloat, checkNoBool, checkTensor } from "./define.js";
import { checkValue, commonDType, toOperand, type Value } from "./operand.js";
import { checkMask, where } from "./where.js";

// A maximum and a minimum with other gradients: at the bound it passes whole, and NaN gets none.
const RAISE: Op<GradientRule> = defineOp<GradientRule>("maximum", [
  ({ grad, x, y }) => where(x.ge(y), grad, 0),
  ({ grad, x, y }) => where(x.lt(y), grad, 0),
]);
const LOWER: Op<GradientRule> = defineOp<GradientRule>("minimum", [
  ({ grad, x, y }) => where(x.le(y), grad, 0),
  ({ grad, x, y }) => where(x.gt(y), grad, 0),
]);

/** Limits for `clamp`: numbers or tensors that broadcast; one may be left out. */
export interface ClampBounds {
  readonly min?: Value | null;
  readonly max?: Value | null;
}

function bounded(name: string, x: Tensor, min: Value | null | undefined, max: Value | null | undefined): Tensor {
  checkTensor(name, x);
  const bounds = [min, max].filter((bound) => bound !== undefined && bound !== null);
  if (bounds.length === 0)
    throw new ValueError(`${name}: needs min, max or both`, `write x.${name}(0, 1) or x.${name}({ max: 1 })`);
  for (const bound of bounds) checkValue(name, bound);
  const dtype = commonDType(x, ...bounds);
  // PyTorch takes bool bounds as tensors only.
  if (!bounds.some((bound) => bound instanceof Tensor)) checkNoBool(name, dtype);
  let out = cast(x, dtype);
  for (const [op, bound] of [
    [RAISE, min],
    [LOWER, max],
  ] as const) {
    if (bound === undefined || bound === null) continue;
    const limit = toOperand(name, bound, dtype, x);
    out = apply(op, [out, limit], [], broadcast(name, out.shape, limit.shape), dtype);
  }
  return out;
}

const clamped = composite(bounded);

/**
 * Limits each element to [min, max]; where min > max, it is max. Bounds are numbers or tensors, and one may be left out
 * or null. Gradient: grad inside and at the bounds, 0 outside. Same as torch.clamp.
 *
 * @example
 * tensor([-2, 0.5, 3]).clamp(0, 1); // tensor([0.0000, 0.5000, 1.0000])
 * tensor([-2, 0.5, 3]).clamp({ max: 1 }); // tensor([-2.0000,  0.5000,  1.0000])
 */
export function clamp(x: Tensor, min: Value | null | undefined, max?: Value | null): Tensor;
export function clamp(x: Tensor, bounds: ClampBounds): Tensor;
export function clamp(x: Tensor, min?: Value | null | ClampBounds, max?: Value | null): Tensor {
  if (min === null || typeof min !== "object" || min instanceof Tensor) return clamped("clamp", x, min, max);
  checkOptions("clamp", min, ["min", "max"]);
  return clamped("clamp", x, min.min, min.max);
}

/** Raises each element to at least `min`. Gradient: grad where x ≥ min, else 0. Same as torch.clamp_min. */
export const clampMin: (x: Tensor, min: Value) => Tensor = (x, min) => clamped("clampMin", x, min, null);

/** Lowers each element to at most `max`. Gradient: grad where x ≤ max, else 0. Same as torch.clamp_max. */
export const clampMax: (x: Tensor, max: Value) => Tensor = (x, max) => clamped("clampMax", x, null, max);

/**
 * Sets the elements for which the mask holds to a number or a 0-d tensor, converted to x's dtype; x and mask broadcast.
 * Gradient: grad elsewhere, 0 there. Same as torch.Tensor.masked_fill.
 *
 * @throws DTypeError for a mask that is not bool; ShapeError for a value with dims; ValueError for one that does not fit.
 *
 * @example
 * const scores = tensor([[1, 2], [3, 4]]);
 * scores.maskedFill(tensor([[false, true], [false, false]]), -Infinity).softmax(-1);
 */
export const maskedFill: (x: Tensor, mask: Tensor, value: Value) => Tensor = composite(
  (x: Tensor, mask: Tensor, value: Value) => {
    checkTensor("maskedFill", x);
    checkMask("maskedFill", mask);
    checkValue("maskedFill", value);
    if (value instanceof Tensor && value.ndim > 0) {
      throw new ShapeError(
        `maskedFill: the value must be a number or a 0-d tensor, got ${text(value.shape)}`,
        "use where(mask, value, x)",
      );
    }
    broadcast("maskedFill", x.shape, mask.shape);
    return where(mask, toOperand("maskedFill", value, x.dtype, x), x);
  },
);

/**
 * Goes from x to `end` by the fraction `weight`, a number or a tensor: x + weight · (end - x). All broadcast; at 0 and 1
 * it is exactly x and `end`. Gradients: grad · (1 - weight), grad · weight and grad · (end - x). Same as torch.lerp.
 *
 * @throws DTypeError for dtypes that are not the same float dtype.
 *
 * @example
 * tensor([0, 10]).lerp(tensor([10, 20]), 0.25); // tensor([ 2.5000, 12.5000])
 */
export const lerp: (x: Tensor, end: Tensor, weight: Tensor | number) => Tensor = composite(
  (x: Tensor, end: Tensor, weight: Tensor | number) => {
    checkFloat("lerp", x);
    sameDType("lerp", x, end);
    broadcast("lerp", x.shape, end.shape);
    const way = end.sub(x);
    // From the nearer end, so that both are met exactly: x + w · way, or end + (w - 1) · way.
    if (typeof weight === "number")
      return Math.abs(weight) < 0.5 ? x.add(way.mul(weight)) : end.add(way.mul(weight - 1));
    sameDType("lerp", x, weight);
    broadcast("lerp", way.shape, weight.shape);
    const near = weight.abs().lt(0.5);
    return where(near, x, end).add(way.mul(where(near, weight, weight.sub(1))));
  },
);

function sameDType(name: string, x: Tensor, other: unknown): asserts other is Tensor {
  checkTensor(name, other);
  if (other.dtype !== x.dtype)
    throw new DTypeError(
      `${name}: needs one dtype, got ${x.dtype} and ${other.dtype}`,
      `convert one with x.to("${x.dtype}")`,
    );
}

/** The options of `addcmul` and `addcdiv`. */
export interface AddcOptions {
  /** Multiplies the product, or the quotient. Default 1. */
  readonly value?: number;
}

type Combine = (x: Tensor, y: Tensor, z: Tensor, options?: AddcOptions) => Tensor;

/** Checks the operands of addcmul and addcdiv, and gives value · y in the dtype that all three meet in. */
function scaledFirst(
  name: string,
  x: Tensor,
  y: Tensor,
  z: Tensor,
  options: AddcOptions,
): { scaled: Tensor; dtype: DType } {
  checkOptions(name, options, ["value"]);
  for (const operand of [x, y, z]) checkTensor(name, operand);
  broadcast(name, broadcast(name, x.shape, y.shape), z.shape);
  const { value = 1 } = options;
  if (typeof value !== "number") throw new DTypeError(`${name}: value must be a number, got ${show(value)}`);
  const dtype = commonDType(x, y, z);
  checkNoBool(name, dtype);
  if (!isFloat(dtype) && !Number.isInteger(value)) {
    throw new DTypeError(
      `${name}: value must be an integer for ${dtype}, got ${String(value)}`,
      'convert the tensors: x.to("float32")',
    );
  }
  const first = cast(y, dtype);
  return { scaled: options.value === undefined ? first : first.mul(value), dtype };
}

/** x + value · y · z, broadcasting. Gradients: grad, grad · value · z and grad · value · y. Same as torch.addcmul. */
export const addcmul: Combine = composite((x: Tensor, y: Tensor, z: Tensor, options: AddcOptions = {}) => {
  const { scaled, dtype } = scaledFirst("addcmul", x, y, z, options);
  return cast(x, dtype).add(scaled.mul(cast(z, dtype)));
});

/**
 * x + value · y / z, broadcasting. Float tensors only: integer division is ambiguous. Gradients: grad, grad · value / z
 * and -grad · value · y / z². Same as torch.addcdiv.
 */
export const addcdiv: Combine = composite((x: Tensor, y: Tensor, z: Tensor, options: AddcOptions = {}) => {
  const { scaled, dtype } = scaledFirst("addcdiv", x, y, z, options);
  if (!isFloat(dtype))
    throw new DTypeError(`addcdiv: needs float tensors, got ${dtype}`, 'convert them with x.to("float32")');
  return cast(x, dtype).add(scaled.div(cast(z, dtype)));
});

/** The options of `nanToNum`. */
export interface NanToNumOptions {
  /** Takes the place of NaN. Default 0. */
  readonly nan?: number | null;
  /** Takes the place of Infinity. Default: the largest number of the dtype. */
  readonly posinf?: number | null;
  /** Takes the place of -Infinity. Default: the least number of the dtype. */
  readonly neginf?: number | null;
}

const largest: Partial<Record<DType, number>> = {
  float16: 65504,
  float32: (2 - 2 ** -23) * 2 ** 127,
  float64: Number.MAX_VALUE,
};

/**
 * Replaces NaN by 0 and infinities by the largest numbers of the dtype, or by what the options say. Gradient: 0 where
 * something was replaced. Same as torch.nan_to_num.
 */
export const nanToNum: (x: Tensor, options?: NanToNumOptions) => Tensor = composite(
  (x: Tensor, options: NanToNumOptions = {}) => {
    checkTensor("nanToNum", x);
    checkOptions("nanToNum", options, ["nan", "posinf", "neginf"]);
    const most = largest[x.dtype];
    if (most === undefined) return x;
    const low = where(x.eq(-Infinity), options.neginf ?? -most, x);
    return where(x.ne(x), options.nan ?? 0, where(x.eq(Infinity), options.posinf ?? most, low));
  },
);
