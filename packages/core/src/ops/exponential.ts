import { isCasting, precise } from "../precision.js";
import type { GradientRule } from "../autograd/rule.js";
import { isFloat } from "../dtype.js";
import { ValueError } from "../errors.js";
import { defineOp } from "../program/node.js";
import { apply, composite, scalar, Tensor } from "../tensor.js";
import { applyToTwo } from "./apply-to.js";
import { mul, reciprocal } from "./arithmetic.js";
import { cast, toFloat } from "./cast.js";
import { type Binary, binary, checkTensor, type Unary, unary } from "./define.js";
import { commonDType, type Value } from "./operand.js";
import { where } from "./where.js";

// Exponentials, logarithms, powers and roots. Integers and bools compute in float32, but for pow and square.

/** e raised to each element. Gradient: grad · out. Same as torch.exp. */
export const exp: Unary = unary("exp", ({ grad, out }) => grad.mul(out));

// pow with a base of 2: exp(x · ln 2) would lose the last digits of large x.
const EXP2 = defineOp<GradientRule>("pow", [null, ({ grad, out }) => grad.mul(out).mul(Math.LN2)]);

/** 2 raised to each element. Gradient: grad · out · ln 2. Same as torch.exp2. */
export const exp2: Unary = composite((x: Tensor) => {
  checkTensor("exp2", x);
  const y = toFloat(x);
  return apply(EXP2, [scalar(2, y.dtype, y.device), y], [], y.shape, y.dtype);
});

/** eˣ - 1, exact near 0 too. Gradient: grad · (out + 1). Same as torch.expm1. */
export const expm1: Unary = unary("expm1", ({ grad, out }) => grad.mul(out.add(1)));
/** Natural logarithm. Gradient: grad / x. Same as torch.log. */
export const log: Unary = unary("log", ({ grad, x }) => grad.div(x));
/** Logarithm to base 2. Gradient: grad / (x · ln 2). Same as torch.log2. */
export const log2: Unary = unary("log2", ({ grad, x }) => grad.div(x.mul(Math.LN2)));
/** Logarithm to base 10. Gradient: grad / (x · ln 10). Same as torch.log10. */
export const log10: Unary = unary("log10", ({ grad, x }) => grad.div(x.mul(Math.LN10)));
/** log(1 + x), exact near 0 too. Gradient: grad / (x + 1). Same as torch.log1p. */
export const log1p: Unary = unary("log1p", ({ grad, x }) => grad.div(x.add(1)));

/** Square root; NaN for negative elements. Its gradient at 0 is Infinity. Same as torch.sqrt. */
export const sqrt: Unary = unary("sqrt", ({ grad, out }) => grad.div(out.mul(2)));

/** 1 / √x. Gradient: -grad · out³ / 2. Same as torch.rsqrt. */
export const rsqrt: Unary = composite((x: Tensor) => {
  checkTensor("rsqrt", x);
  return x.sqrt().reciprocal();
}, "rsqrt");

// A product of its one parent with itself: its gradient takes one product, where those of two factors take two.
const SQUARE = defineOp<GradientRule>("mul", [
  ({ grad, x }) => {
    const half = grad.mul(x);
    return half.add(half);
  },
]);

/** x · x. Bools square as int32. Gradient: grad · 2x. Same as torch.square. */
export const square: Unary = (x) => {
  checkTensor("square", x);
  if (x.dtype === "bool") return mul(cast(x, "int32"), x);
  const out = applyToTwo(SQUARE, x, x, [], x.shape, x.dtype);
  if (out.node.requiresGrad) out.node.parents = [x.node];
  return out;
};

/** 2 / √π, the derivative of erf at 0. */
const slope = 2 / Math.sqrt(Math.PI);

/** Error function, 2/√π ∫₀ˣ exp(-t²) dt. Gradient: grad · 2/√π · exp(-x²). Same as torch.erf. */
export const erf: Unary = unary("erf", ({ grad, x }) => grad.mul(x.mul(x).neg().exp().mul(slope)));
/** 1 - erf(x), without loss where erf(x) is near 1. Gradient: -grad · 2/√π · exp(-x²). Same as torch.erfc. */
export const erfc: Unary = unary("erfc", ({ grad, x }) => grad.mul(x.mul(x).neg().exp().mul(-slope)));

// y · x^(y - 1), but 0 for y = 0; x^y · log x, but 0 for x = 0 and y ≥ 0.
const power: Binary = binary(
  "pow",
  [
    ({ grad, x, y }) => grad.mul(where(y.eq(0), 0, y.mul(x.pow(y.sub(1))))),
    ({ grad, x, y, out }) => grad.mul(where(x.eq(0).logicalAnd(y.ge(0)), 0, out.mul(x.log()))),
  ],
  { refuseBool: "both" },
);

const cube: Unary = composite((x: Tensor) => x.mul(x).mul(x));

/**
 * x raised to y, elementwise and broadcasting. Integers stay integers. The exponents 2, 3, -1, 0.5 and -0.5, given as
 * numbers, become products and roots; every other number is passed at run time. Gradients: grad · y · xʸ⁻¹ and grad · xʸ ·
 * ln x. Same as torch.pow.
 *
 * @throws ValueError for integers to a negative number.
 *
 * @example
 * tensor([1, 2, 3]).pow(2); // tensor([1., 4., 9.])
 * pow(2, tensor([1, 2, 3])); // tensor([2., 4., 8.])
 */
export const pow: Binary = (x: Value, y: Value) => {
  if (isCasting()) [x, y] = precise("pow", [x, y] as const);
  if (!(x instanceof Tensor) || typeof y !== "number") return power(x, y);
  const dtype = isFloat(x.dtype) ? x.dtype : commonDType(x, y);
  if (!isFloat(dtype) && y < 0) {
    throw new ValueError(`pow: ${dtype} to the power of ${String(y)} is no integer`, 'convert it: x.to("float32")');
  }
  switch (y) {
    case 2:
      return square(x);
    case 3:
      return cube(cast(x, dtype));
    case 0.5:
      return sqrt(x);
    case -1:
      return reciprocal(x);
    case -0.5:
      return rsqrt(x);
    default:
      return power(x, y);
  }
};
