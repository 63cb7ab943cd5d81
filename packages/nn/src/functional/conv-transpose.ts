import { ShapeError, type Tensor } from "@downhill/core";
import { checkOptions, composite, convolveBack, ValueError } from "@downhill/core/engine";
import { checkOperands, type Convolve, finished, spanOf, type Steps } from "./conv-operands.js";
import { across, checkExtent, type Extent, type SpatialDims } from "./extent.js";

/** The options of `functional.convTranspose1d` and `functional.convTranspose2d`. */
export interface ConvTransposeOptions extends Steps {
  /** How much of the result is cut off on each side: the padding of the convolution that it turns around. Default 0. */
  readonly padding?: Extent;
  /** Elements to add behind the last ones, since several sizes convolve to one. Default 0. */
  readonly outputPadding?: Extent;
}

/* @__NO_SIDE_EFFECTS__ */
const convTranspose = (where: string, dims: SpatialDims): Convolve<ConvTransposeOptions> =>
  composite((x: Tensor, weight: Tensor, bias: Tensor | null = null, options: ConvTransposeOptions = {}) => {
    checkOptions(where, options, ["stride", "padding", "outputPadding", "dilation", "groups"]);
    const operands = checkOperands(where, dims, x, weight, bias, options, true);
    const { batch, sizes, stride, dilation, groups } = operands;
    const padding = checkExtent(where, "padding", options.padding ?? 0, dims, 0);
    const extra = checkExtent(where, "outputPadding", options.outputPadding ?? 0, dims, 0);
    if (extra.some((size, i) => size >= Math.max(stride[i]!, dilation[i]!))) {
      throw new ValueError(
        `${where}: outputPadding ${across(extra)} must be smaller than the stride, ${across(stride)}, or the dilation, ${across(dilation)}`,
      );
    }
    const span = spanOf(operands);
    const out = sizes.map((size, i) => (size - 1) * stride[i]! + span[i]! + extra[i]! - 2 * padding[i]!);
    if (sizes.includes(0) || out.some((size) => size < 1)) {
      throw new ShapeError(
        `${where}: padding ${across(padding)} leaves nothing of the result of an input of ${across(sizes)}, its size would be ${across(out)}`,
        "take less padding",
      );
    }
    return finished(convolveBack(batch, weight, out, { stride, padding, dilation, groups }), bias, operands);
  }, where);

/**
 * Turns the shapes of a convolution around (it is conv1d's gradient): [N, C, L] or [C, L] with weight [C, D / groups, K]
 * and bias [D] gives [N, D, L'], with L' = (L - 1) · stride - 2 · padding + dilation · (K - 1) + outputPadding + 1. Same as
 * torch.nn.functional.conv_transpose1d.
 *
 * @throws ShapeError when the sizes do not fit; DTypeError for integers or two dtypes; ValueError for groups that do not
 * divide the channels, or more outputPadding than stride and dilation allow.
 */
export const convTranspose1d: Convolve<ConvTransposeOptions> = convTranspose("convTranspose1d", 1);

/**
 * Turns the shapes of a convolution around (it is conv2d's gradient): [N, C, H, W] or [C, H, W] with weight
 * [C, D / groups, KH, KW] and bias [D] gives [N, D, H', W'], with
 * H' = (H - 1) · stride - 2 · padding + dilation · (KH - 1) + outputPadding + 1 and W' likewise. Same as
 * torch.nn.functional.conv_transpose2d.
 *
 * @throws ShapeError when the sizes do not fit; DTypeError for integers or two dtypes; ValueError for groups that do not
 * divide the channels, or more outputPadding than stride and dilation allow.
 *
 * @example
 * functional.convTranspose2d(randn([1, 16, 8, 8]), randn([16, 3, 2, 2]), null, { stride: 2 }).shape; // [1, 3, 16, 16]
 */
export const convTranspose2d: Convolve<ConvTransposeOptions> = convTranspose("convTranspose2d", 2);

/**
 * Turns the shapes of a convolution around (it is conv3d's gradient): [N, C, D, H, W] or [C, D, H, W] with weight
 * [C, E / groups, KD, KH, KW] and bias [E] gives [N, E, D', H', W'], with sizes as in convTranspose2d. Same as
 * torch.nn.functional.conv_transpose3d.
 *
 * @throws ShapeError when the sizes do not fit; DTypeError for integers or two dtypes; ValueError for groups that do not
 * divide the channels, or more outputPadding than stride and dilation allow.
 */
export const convTranspose3d: Convolve<ConvTransposeOptions> = convTranspose("convTranspose3d", 3);
