import { composite, type Tensor } from "../tensor.js";
import { type Binary, binary, checkTensor, type Unary, unary } from "./define.js";

// Angles are in radians. Integers and bools compute in float32.

/** 1 + x², where derivatives need it. */
const onePlusSquare = (x: Tensor): Tensor => x.mul(x).add(1);

/** Sine. Gradient: grad · cos(x). Same as torch.sin. */
export const sin: Unary = unary("sin", ({ grad, x }) => grad.mul(x.cos()));
/** Cosine. Gradient: -grad · sin(x). Same as torch.cos. */
export const cos: Unary = unary("cos", ({ grad, x }) => grad.mul(x.sin().neg()));
/** Tangent. Gradient: grad · (1 + out²). Same as torch.tan. */
export const tan: Unary = unary("tan", ({ grad, out }) => grad.mul(onePlusSquare(out)));
/** Arc sine, in [-π/2, π/2]; NaN outside [-1, 1]. Gradient: grad / √(1 - x²). Same as torch.asin. */
export const asin: Unary = unary("asin", ({ grad, x }) => grad.mul(x.mul(x).neg().add(1).rsqrt()));
/** Arc cosine, in [0, π]; NaN outside [-1, 1]. Gradient: -grad / √(1 - x²). Same as torch.acos. */
export const acos: Unary = unary("acos", ({ grad, x }) => grad.mul(x.mul(x).neg().add(1).rsqrt().neg()));
/** Arc tangent, in [-π/2, π/2]. Gradient: grad / (1 + x²). Same as torch.atan. */
export const atan: Unary = unary("atan", ({ grad, x }) => grad.div(onePlusSquare(x)));

/** 1 / (x² + y²). */
const inverseSquares = (x: Tensor, y: Tensor): Tensor => x.mul(x).add(y.mul(y)).reciprocal();

/**
 * The angle of the point (y, x) = (second, first operand), in [-π, π]: atan2(y, x) as in C. Gradients: grad · x / (x² +
 * y²) to y and -grad · y / (x² + y²) to x. Same as torch.atan2.
 *
 * @example
 * atan2(tensor([1, -1]), tensor([-1, -1])); // tensor([ 2.3562, -2.3562])
 */
export const atan2: Binary = binary(
  "atan2",
  [
    ({ grad, x, y }) => grad.mul(y.mul(inverseSquares(x, y))),
    ({ grad, x, y }) => grad.mul(x.mul(inverseSquares(x, y).neg())),
  ],
  { float: true },
);

/** Hyperbolic sine. Gradient: grad · cosh(x). Same as torch.sinh. */
export const sinh: Unary = unary("sinh", ({ grad, x }) => grad.mul(x.cosh()));
/** Hyperbolic cosine. Gradient: grad · sinh(x). Same as torch.cosh. */
export const cosh: Unary = unary("cosh", ({ grad, x }) => grad.mul(x.sinh()));
/** Hyperbolic tangent. Gradient: grad · (1 - out²). Same as torch.tanh. */
export const tanh: Unary = unary("tanh", ({ grad, out }) => grad.mul(out.mul(out).neg().add(1)));
/** Inverse hyperbolic sine. Gradient: grad / √(x² + 1). Same as torch.asinh. */
export const asinh: Unary = unary("asinh", ({ grad, x }) => grad.mul(onePlusSquare(x).rsqrt()));
/** Inverse hyperbolic cosine; NaN below 1. Gradient: grad / √(x² - 1). Same as torch.acosh. */
export const acosh: Unary = unary("acosh", ({ grad, x }) => grad.mul(x.mul(x).sub(1).rsqrt()));
/** Inverse hyperbolic tangent; NaN outside [-1, 1]. Gradient: grad / (1 - x²). Same as torch.atanh. */
export const atanh: Unary = unary("atanh", ({ grad, x }) => grad.div(x.mul(x).neg().add(1)));

const times =
  (name: string, factor: number): Unary =>
  (x) => {
    checkTensor(name, x);
    return x.mul(factor);
  };

/** Converts degrees to radians: x · π / 180. Gradient: grad · π / 180. Same as torch.deg2rad. */
export const deg2rad: Unary = composite(times("deg2rad", Math.PI / 180));
/** Converts radians to degrees: x · 180 / π. Gradient: grad · 180 / π. Same as torch.rad2deg. */
export const rad2deg: Unary = composite(times("rad2deg", 180 / Math.PI));
