import { zeros } from "../creation.js";
import { checkOptions, DTypeError, ShapeError, show, ValueError } from "../errors.js";
import { refuseReading } from "../program/trace.js";
import { checkCount, sameShape, text } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { type ClosenessOptions, isclose } from "./composite/pairs.js";
import { checkTensor } from "./define.js";

// Functions whose results depend on values: Promises.

/**
 * Tells whether two tensors of one shape have the same elements. A Promise, since it depends on values. Same as
 * torch.equal.
 */
export async function equal(x: Tensor, y: Tensor): Promise<boolean> {
  refuseReading("equal");
  checkTensor("equal", x);
  checkTensor("equal", y);
  return sameShape(x.shape, y.shape) && (await x.eq(y).all().item()) !== 0;
}

/** Tells whether all elements are close, as `isclose` has it. A Promise, since it depends on values. Same as torch.allclose. */
export async function allclose(x: Tensor, y: Tensor, options?: ClosenessOptions): Promise<boolean> {
  refuseReading("allclose");
  return (await isclose(x, y, options).all().item()) !== 0;
}

/** The options of `bincount`. */
export interface BincountOptions {
  /** What each element adds to its count. Default 1, and int32 counts. */
  readonly weights?: Tensor;
  /** The least number of counts. Default 0. */
  readonly minlength?: number;
}

/**
 * Counts how often each integer from 0 on stands in a vector. A Promise, since the number of counts depends on values. Same
 * as torch.bincount.
 *
 * @throws DTypeError for floats; ValueError for negative elements.
 *
 * @example
 * await bincount(tensor([0, 2, 2], { dtype: "int32" })); // tensor([1, 0, 2])
 */
export async function bincount(x: Tensor, options: BincountOptions = {}): Promise<Tensor> {
  refuseReading("bincount");
  checkTensor("bincount", x);
  checkOptions("bincount", options, ["weights", "minlength"]);
  const { weights, minlength = 0 } = options;
  checkCount("bincount", "minlength", minlength);
  if (x.dtype !== "int32" && x.dtype !== "uint8")
    throw new DTypeError(`bincount: needs integers, got ${x.dtype}`, 'x.to("int32")');
  if (x.ndim !== 1) throw new ShapeError(`bincount: takes a vector, got ${text(x.shape)}`, "x.flatten()");
  if (weights !== undefined && !sameShape(weights.shape, x.shape))
    throw new ShapeError(`bincount: weights must be ${text(x.shape)}, got ${text(weights.shape)}`);
  const dtype = weights === undefined ? "int32" : weights.dtype === "float32" ? "float32" : "float64";
  const [least, most] = x.numel() === 0 ? [0, -1] : await Promise.all([x.amin().item(), x.amax().item()]);
  if (least < 0) throw new ValueError(`bincount: counts integers from 0 on, got ${show(least)}`);
  const counts = zeros([Math.max(minlength, most + 1)], { dtype, device: x.device });
  const added = weights?.to(dtype) ?? x.mul(0).add(1).to(dtype);
  return x.numel() === 0 ? counts : counts.scatterAdd(0, x.to("int32"), added);
}
