import { ShapeError, type Tensor } from "@downhill/core";
import { composite, text } from "@downhill/core/engine";

type LinearFunction = (x: Tensor, weight: Tensor, bias?: Tensor | null) => Tensor;

/** Computes x · weightᵀ + bias over the last dim: [..., in] with weight [out, in] gives [..., out]. Same as F.linear. */
export const linear: LinearFunction = composite((x: Tensor, weight: Tensor, bias?: Tensor | null) => {
  if (x.ndim === 0 || x.shape.at(-1) !== weight.shape.at(-1)) {
    throw new ShapeError(
      `linear: the input's last size must be ${weight.shape.at(-1)} (inFeatures), got shape ${text(x.shape)}`,
      x.ndim === 1 && weight.shape.at(-1) === 1 ? "add a dim of size 1: x.unsqueeze(1)" : undefined,
    );
  }
  const product = x.matmul(weight.ndim === 2 ? weight.transpose(0, 1) : weight);
  return bias === undefined || bias === null ? product : product.add(bias);
});
