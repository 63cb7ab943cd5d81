import { DTypeError, ShapeError, type Tensor } from "@downhill/core";
import { checkFloat, checkTensor, composite, sameShape, text } from "@downhill/core/engine";

type BilinearFunction = (x1: Tensor, x2: Tensor, weight: Tensor, bias?: Tensor | null) => Tensor;

/**
 * Computes x1ᵀ · weight[k] · x2 + bias[k] for each k: [..., in1] and [..., in2] with weight [out, in1, in2] and bias [out]
 * give [..., out]. Same as torch.nn.functional.bilinear.
 *
 * @throws ShapeError when the sizes do not fit; DTypeError when the dtypes differ.
 *
 * @example
 * functional.bilinear(tensor([1, 2]), tensor([3]), tensor([[[1], [10]]])); // tensor([63.])
 */
export const bilinear: BilinearFunction = /* @__PURE__ */ composite(
  (x1: Tensor, x2: Tensor, weight: Tensor, bias: Tensor | null = null) => {
    for (const x of [x1, x2, weight, ...(bias === null ? [] : [bias])]) {
      checkTensor("bilinear", x);
      checkFloat("bilinear", x);
      if (x.dtype !== x1.dtype)
        throw new DTypeError(
          `bilinear: the first input is ${x1.dtype}, another argument ${x.dtype}`,
          `convert it: .to("${x1.dtype}")`,
        );
    }
    if (weight.ndim !== 3)
      throw new ShapeError(`bilinear: the weight must be [out, in1, in2], got shape ${text(weight.shape)}`);
    const [outputs, first, second] = weight.shape as [number, number, number];
    const lead = x1.shape.slice(0, -1);
    if (
      x1.ndim === 0 ||
      !sameShape(lead, x2.shape.slice(0, -1)) ||
      x1.shape.at(-1) !== first ||
      x2.shape.at(-1) !== second
    )
      throw new ShapeError(
        `bilinear: with a weight ${text(weight.shape)} the inputs must be [..., ${first}] and [..., ${second}], got shapes ${text(x1.shape)} and ${text(x2.shape)}`,
      );
    if (bias !== null && !sameShape(bias.shape, [outputs]))
      throw new ShapeError(`bilinear: the bias must have shape [${outputs}], got ${text(bias.shape)}`);
    // One product by all weights at once, then one short sum per output.
    const rows = x1.reshape([-1, first]).matmul(weight.permute(1, 0, 2).reshape([first, outputs * second]));
    const y = rows
      .reshape([...lead, outputs, second])
      .mul(x2.unsqueeze(-2))
      .sum(-1);
    return bias === null ? y : y.add(bias);
  },
);
