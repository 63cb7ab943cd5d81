import { isFloat } from "../dtype.js";
import { checkOptions, DTypeError, ShapeError, show } from "../errors.js";
import { broadcast, sameShape, text } from "../shape.js";
import { composite, type Tensor } from "../tensor.js";
import { checkTensor } from "./define.js";

export interface AddProductOptions {
  /** Factor of the tensor that is added to; 0 ignores its values, even NaN. Default 1. */
  readonly beta?: number;
  /** Factor of the product. Default 1. */
  readonly alpha?: number;
}

export type AddProduct = (x: Tensor, a: Tensor, b: Tensor, options?: AddProductOptions) => Tensor;

/** Makes an op that adds a product: beta · x + alpha · a b, where x broadcasts to the product. */
/* @__NO_SIDE_EFFECTS__ */
export const addProduct = (where: string, product: (a: Tensor, b: Tensor) => Tensor): AddProduct =>
  composite((x: Tensor, a: Tensor, b: Tensor, options: AddProductOptions = {}) => {
    checkTensor(where, x);
    checkTensor(where, a);
    checkOptions(where, options, ["alpha", "beta"]);
    const { alpha = 1, beta = 1 } = options;
    if (x.dtype !== a.dtype) {
      throw new DTypeError(
        `${where}: the first tensor is ${x.dtype}, the factors are ${a.dtype}`,
        "convert one with x.to(dtype)",
      );
    }
    for (const [name, factor] of [
      ["alpha", alpha],
      ["beta", beta],
    ] as const) {
      if (typeof factor !== "number" || (!isFloat(x.dtype) && !Number.isInteger(factor))) {
        throw new DTypeError(
          `${where}: ${name} must be ${x.dtype.startsWith("float") ? "a number" : `an integer for ${x.dtype} tensors`}, got ${show(factor)}`,
        );
      }
    }
    const out = product(a, b);
    if (!sameShape(broadcast(where, x.shape, out.shape), out.shape)) {
      throw new ShapeError(
        `${where}: the first tensor ${text(x.shape)} does not broadcast to the product ${text(out.shape)}`,
      );
    }
    const scaled = alpha === 1 ? out : out.mul(alpha);
    return beta === 0 ? scaled : scaled.add(beta === 1 ? x : x.mul(beta));
  }, where);
