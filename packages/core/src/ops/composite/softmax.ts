import type { GradientRule } from "../../autograd/rule.js";
import { checkDType, type DType } from "../../dtype.js";
import { checkOptions } from "../../errors.js";
import { defineOp, type Op } from "../../program/node.js";
import { checkDim, checkDims, sizeOf } from "../../shape.js";
import { composite, type Tensor } from "../../tensor.js";
import { cast, throughFloat32, toFloat } from "../cast.js";
import { closedForm } from "../closed-form.js";
import { checkFloat, checkTensor } from "../define.js";
import { type Dims, reduce, type ReduceOptions, unreduce } from "../reduce.js";
import { where } from "../where.js";

// Exponentials along dims, taken of x - max(x) so that none overflows.

// The shift cancels out of every result: it needs no gradient.
const MAX = defineOp<GradientRule>("max", null);
const top = (x: Tensor, dims: readonly number[]): Tensor => reduce(MAX, x, dims, true, x.dtype);

/** The options of `softmax` and `logSoftmax`. */
export interface SoftmaxOptions {
  /** Convert to this dtype first. */
  readonly dtype?: DType;
}

type Softmax = (x: Tensor, dim: number, options?: SoftmaxOptions) => Tensor;

function prepared(
  name: string,
  x: Tensor,
  dim: number,
  options: SoftmaxOptions,
): { input: Tensor; dims: readonly number[] } {
  checkTensor(name, x);
  checkOptions(name, options, ["dtype"]);
  const input = options.dtype === undefined ? x : cast(x, checkDType(name, options.dtype));
  checkFloat(name, input);
  const d = checkDim(name, dim, x.ndim);
  return { input, dims: x.ndim === 0 ? [] : [d] };
}

const SOFTMAX: Op<GradientRule> = defineOp<GradientRule>("div", [
  ({ grad, out, attrs }) => grad.sub(grad.mul(out).sum(attrs, { keepdim: true })).mul(out),
]);

/**
 * Turns the numbers along a dim into weights that sum to 1: eˣ / Σ eˣ. Gradient: out · (grad - Σ grad · out). Same as
 * torch.softmax.
 *
 * @throws DTypeError for integers without `dtype`; IndexError for a dim out of range.
 *
 * @example
 * tensor([1, 1, 2]).softmax(0); // tensor([0.2119, 0.2119, 0.5761])
 */
export const softmax: Softmax = composite((x: Tensor, dim: number, options: SoftmaxOptions = {}) => {
  const { input, dims } = prepared("softmax", x, dim, options);
  if (input.numel() === 0) return input.clone();
  return throughFloat32(input, (wide) =>
    closedForm(
      SOFTMAX,
      [wide],
      () => {
        const e = wide.sub(top(wide, dims)).exp();
        return [e, e.sum(dims, { keepdim: true })];
      },
      dims,
    ),
  );
}, "softmax");

const LOG_SOFTMAX: Op<GradientRule> = defineOp<GradientRule>("sub", [
  ({ grad, out, attrs }) => grad.sub(out.exp().mul(grad.sum(attrs, { keepdim: true }))),
]);

/**
 * The logarithm of softmax, exact where a weight would round to 0 or 1: x - log Σ eˣ. Gradient: grad - exp(out) · Σ grad.
 * Same as torch.log_softmax.
 */
export const logSoftmax: Softmax = composite((x: Tensor, dim: number, options: SoftmaxOptions = {}) => {
  const { input, dims } = prepared("logSoftmax", x, dim, options);
  if (input.numel() === 0) return input.clone();
  return throughFloat32(input, (wide) =>
    closedForm(
      LOG_SOFTMAX,
      [wide],
      () => {
        const shifted = wide.sub(top(wide, dims));
        return [shifted, shifted.exp().sum(dims, { keepdim: true }).log()];
      },
      dims,
    ),
  );
}, "logSoftmax");

const LOGSUMEXP: Op<GradientRule> = defineOp<GradientRule>("add", [
  ({ grad, x, out, attrs }) => unreduce(grad, x.shape, attrs).mul(x.sub(unreduce(out, x.shape, attrs)).exp()),
]);

/**
 * log Σ eˣ over dims. Integers compute in float32. Gradient: grad · softmax(x). Same as torch.logsumexp.
 *
 * @example
 * tensor([[1000, 1000]]).logsumexp(1); // tensor([1000.6932])
 */
export const logsumexp: (x: Tensor, dim: Dims, options?: ReduceOptions) => Tensor = composite(
  (x: Tensor, dim: Dims, options: ReduceOptions = {}) => {
    checkTensor("logsumexp", x);
    checkOptions("logsumexp", options, ["keepdim"]);
    const { keepdim = false } = options;
    const dims = checkDims("logsumexp", dim, x.ndim);
    const input = toFloat(x);
    if (sizeOf(x.shape) === 0) return input.exp().sum(dims, { keepdim }).log();
    return throughFloat32(input, (wide) =>
      closedForm(
        LOGSUMEXP,
        [wide],
        () => {
          const most = top(wide, dims);
          // Infinity - Infinity would be NaN.
          const shift = where(most.isinf(), 0, most);
          const log = wide.sub(shift).exp().sum(dims, { keepdim }).log();
          return [log, shift.reshape(log.shape)];
        },
        [keepdim ? 1 : 0, ...dims],
      ),
    );
  },
);
