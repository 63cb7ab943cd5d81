import { DTypeError, ShapeError, type Tensor } from "@downhill/core";
import { checkTensor, composite, text } from "@downhill/core/engine";

type LinearFunction = (x: Tensor, weight: Tensor, bias?: Tensor | null) => Tensor;

/**
 * Computes x · weightᵀ + bias over the last dim: [..., in] with weight [out, in] and bias [out] gives [..., out]; with
 * weight [in] and a bias of one element, [...]. Same as torch.nn.functional.linear.
 *
 * @throws ShapeError when the sizes do not fit; DTypeError when the dtypes differ.
 */
export const linear: LinearFunction = /* @__PURE__ */ composite(
  (x: Tensor, weight: Tensor, bias: Tensor | null = null) => {
    checkTensor("linear", x);
    checkTensor("linear", weight);
    const size = weight.shape[weight.ndim - 1];
    if (weight.ndim !== 1 && weight.ndim !== 2) throw weightError(weight);
    if (x.ndim === 0 || x.shape[x.ndim - 1] !== size) throw inputError(x, size);
    if (x.dtype !== weight.dtype) throw dtypeError(x, weight);
    const product = x.matmul(weight.t());
    if (bias === null) return product;
    checkTensor("linear", bias);
    const outputs = weight.ndim === 2 ? weight.shape[0]! : 1;
    if (bias.ndim > 1 || (bias.numel() !== outputs && bias.numel() !== 1)) throw biasError(bias, outputs);
    return product.add(weight.ndim === 1 && bias.ndim === 1 ? bias.reshape([]) : bias);
  },
  "linear",
);

function weightError(weight: Tensor): ShapeError {
  return new ShapeError(
    `linear: the weight must be [outFeatures, inFeatures] or [inFeatures], got shape ${text(weight.shape)}`,
  );
}

function inputError(x: Tensor, size: number | undefined): ShapeError {
  return new ShapeError(
    `linear: the input's last size must be ${size} (inFeatures), got shape ${text(x.shape)}`,
    x.ndim === 1 && size === 1
      ? "add a dim of size 1: x.unsqueeze(1)"
      : x.ndim === 2 && x.shape[0] === size
        ? "did you mean x.transpose(0, 1)?"
        : undefined,
  );
}

function dtypeError(x: Tensor, weight: Tensor): DTypeError {
  return new DTypeError(
    `linear: the input is ${x.dtype}, the weight ${weight.dtype}`,
    `convert one: x.to("${weight.dtype}")`,
  );
}

function biasError(bias: Tensor, outputs: number): ShapeError {
  return new ShapeError(`linear: the bias must have shape [${outputs}] (outFeatures), got ${text(bias.shape)}`);
}
