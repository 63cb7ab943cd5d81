import type { Tensor } from "@downhill/core";
import { checkOptions, composite, convolve, ValueError } from "@downhill/core/engine";
import { checkOperands, checkPadding, type Convolve, finished, spanOf, type Steps, tooLarge } from "./conv-operands.js";
import { across, type Extent, type SpatialDims } from "./extent.js";

/** The options of `functional.conv1d` and `functional.conv2d`. */
export interface ConvOptions extends Steps {
  /** Zeros on each side; "same" keeps the sizes (with stride 1), "valid" is 0. Default 0. */
  readonly padding?: Extent | "same" | "valid";
}

/** Zeros before and after each dim that keep its size: the odd one comes after. */
export const samePadding = (span: readonly number[]): [before: number, after: number][] =>
  span.map((size) => [Math.floor((size - 1) / 2), Math.ceil((size - 1) / 2)]);

/** Refuses what has no answer: the same sizes at another stride. */
export function checkSame(where: string, padding: number[] | string, stride: readonly number[]): void {
  if (padding !== "same" || stride.every((step) => step === 1)) return;
  throw new ValueError(
    `${where}: padding "same" goes with stride 1, got stride ${across(stride)}`,
    "give the padding as a number",
  );
}

/* @__NO_SIDE_EFFECTS__ */
const conv = (where: string, dims: SpatialDims): Convolve<ConvOptions> =>
  composite((x: Tensor, weight: Tensor, bias: Tensor | null = null, options: ConvOptions = {}) => {
    checkOptions(where, options, ["stride", "padding", "dilation", "groups"]);
    const operands = checkOperands(where, dims, x, weight, bias, options, false);
    const { batch, sizes, stride, dilation, groups } = operands;
    const span = spanOf(operands);
    const given = checkPadding(where, options.padding ?? 0, dims, ["same", "valid"]);
    checkSame(where, given, stride);
    const sides =
      given === "same"
        ? samePadding(span)
        : span.map((_, i): [number, number] => (given === "valid" ? [0, 0] : [Number(given[i]), Number(given[i])]));
    const padded = sizes.map((size, i) => size + sides[i]![0] + sides[i]![1]);
    if (padded.some((size, i) => size < span[i]!)) throw tooLarge(where, operands, padded);
    const out = padded.map((size, i) => Math.floor((size - span[i]!) / stride[i]!) + 1);
    const padding = sides.map(([before]) => before);
    return finished(convolve(batch, weight, out, { stride, padding, dilation, groups }), bias, operands);
  }, where);

/**
 * Slides a kernel over the last dim: [N, C, L] or [C, L] with weight [D, C / groups, K] and bias [D] gives [N, D, L'] or
 * [D, L'], with L' = ⌊(L + 2 · padding - dilation · (K - 1) - 1) / stride⌋ + 1. Same as torch.nn.functional.conv1d.
 *
 * @throws ShapeError when the sizes do not fit; DTypeError for integers or two dtypes; ValueError for groups that do not
 * divide the channels.
 *
 * @example
 * functional.conv1d(tensor([[1, 2, 3, 4]]), tensor([[[1, -1]]])); // tensor([[-1., -1., -1.]])
 */
export const conv1d: Convolve<ConvOptions> = conv("conv1d", 1);

/**
 * Slides a kernel over the last two dims: [N, C, H, W] or [C, H, W] with weight [D, C / groups, KH, KW] and bias [D] gives
 * [N, D, H', W'] or [D, H', W'], with H' = ⌊(H + 2 · padding - dilation · (KH - 1) - 1) / stride⌋ + 1 and W' likewise.
 * Same as torch.nn.functional.conv2d.
 *
 * @throws ShapeError when the sizes do not fit; DTypeError for integers or two dtypes; ValueError for groups that do not
 * divide the channels.
 *
 * @example
 * const images = randn([8, 3, 32, 32]);
 * functional.conv2d(images, randn([16, 3, 3, 3]), zeros([16]), { stride: 2, padding: 1 }).shape; // [8, 16, 16, 16]
 */
export const conv2d: Convolve<ConvOptions> = conv("conv2d", 2);

/**
 * Slides a kernel over the last three dims: [N, C, D, H, W] or [C, D, H, W] with weight [E, C / groups, KD, KH, KW] and
 * bias [E] gives [N, E, D', H', W'] or [E, D', H', W'], with sizes as in conv2d. Same as torch.nn.functional.conv3d.
 *
 * @throws ShapeError when the sizes do not fit; DTypeError for integers or two dtypes; ValueError for groups that do not
 * divide the channels.
 */
export const conv3d: Convolve<ConvOptions> = conv("conv3d", 3);
