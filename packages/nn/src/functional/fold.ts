import { ShapeError, type Tensor } from "@downhill/core";
import { checkFloat, checkOptions, composite, text, unwindowed, windows } from "@downhill/core/engine";
import { checkSpatial } from "./conv-operands.js";
import { across, checkExtent, type Extent } from "./extent.js";

/** The options of `functional.fold` and `functional.unfold`. */
export interface FoldOptions {
  /** Elements from one of a block's elements to the next. Default 1. */
  readonly dilation?: Extent;
  /** Zeros on each side of the image. Default 0. */
  readonly padding?: Extent;
  /** Elements from one block to the next. Default 1. */
  readonly stride?: Extent;
}

/** One number per dim, [height, width]. */
export interface FoldSteps {
  readonly kernel: readonly number[];
  readonly dilation: readonly number[];
  readonly padding: readonly number[];
  readonly stride: readonly number[];
}

/** Checks the options of the function or of its module. */
export function checkFold(where: string, kernelSize: unknown, options: FoldOptions = {}): FoldSteps {
  checkOptions(where, options, ["dilation", "padding", "stride"]);
  return {
    kernel: checkExtent(where, "kernelSize", kernelSize, 2, 1),
    dilation: checkExtent(where, "dilation", options.dilation ?? 1, 2, 1),
    padding: checkExtent(where, "padding", options.padding ?? 0, 2, 0),
    stride: checkExtent(where, "stride", options.stride ?? 1, 2, 1),
  };
}

/** How many blocks there are along each dim. */
function countsOf(where: string, sizes: readonly number[], { kernel, dilation, padding, stride }: FoldSteps): number[] {
  const counts = sizes.map((size, i) =>
    Math.floor((size + 2 * padding[i]! - dilation[i]! * (kernel[i]! - 1) - 1) / stride[i]! + 1),
  );
  if (counts.some((count) => count < 1))
    throw new ShapeError(`${where}: a block of ${across(kernel)} does not fit into an image of ${across(sizes)}`);
  return counts;
}

/** Unfolds [N, C, H, W] or [C, H, W], by steps that have been checked. */
export const unfoldBlocks: (where: string, x: Tensor, steps: FoldSteps) => Tensor = /* @__PURE__ */ composite(
  (where: string, x: Tensor, steps: FoldSteps) => {
    checkSpatial(where, x, 2);
    const { kernel, dilation, stride, padding } = steps;
    const unbatched = x.ndim === 3;
    const batch = unbatched ? x.unsqueeze(0) : x;
    const [samples, channels] = batch.shape as [number, number];
    const counts = countsOf(where, x.shape.slice(-2), steps);
    const [top, left] = padding as [number, number];
    const wide = top + left === 0 ? batch : batch.pad([left, left, top, top]);
    const rows = windows(wide, 2, kernel[0]!, stride[0], dilation[0]);
    const blocks = windows(rows, 4, kernel[1]!, stride[1], dilation[1]);
    const y = blocks
      .permute(0, 1, 3, 5, 2, 4)
      .reshape([samples, channels * kernel[0]! * kernel[1]!, counts[0]! * counts[1]!]);
    return unbatched ? y.squeeze(0) : y;
  },
);

/** Folds [N, C · KH · KW, L] or [C · KH · KW, L], by steps that have been checked. */
export const foldBlocks: (where: string, x: Tensor, outputSize: readonly number[], steps: FoldSteps) => Tensor =
  /* @__PURE__ */ composite((where: string, x: Tensor, outputSize: readonly number[], steps: FoldSteps) => {
    checkFloat(where, x);
    const { kernel, dilation, stride, padding } = steps;
    const area = kernel[0]! * kernel[1]!;
    const counts = countsOf(where, outputSize, steps);
    const columns = counts[0]! * counts[1]!;
    if ((x.ndim !== 2 && x.ndim !== 3) || x.shape.at(-2)! % area !== 0 || x.shape.at(-1) !== columns)
      throw new ShapeError(
        `${where}: for an image of ${across(outputSize)} and blocks of ${across(kernel)} the input must be [N, C · ${area}, ${columns}] or [C · ${area}, ${columns}], got shape ${text(x.shape)}`,
      );
    const unbatched = x.ndim === 2;
    const batch = unbatched ? x.unsqueeze(0) : x;
    const [samples, values] = batch.shape as [number, number];
    const blocks = batch
      .reshape([samples, values / area, kernel[0]!, kernel[1]!, counts[0]!, counts[1]!])
      .permute(0, 1, 4, 2, 5, 3);
    const [height, width] = outputSize.map((size, i) => size + 2 * padding[i]!) as [number, number];
    const rows = unwindowed(blocks, 4, width, stride[1]!, dilation[1]!);
    const wide = unwindowed(rows, 2, height, stride[0]!, dilation[0]!);
    const [top, left] = padding as [number, number];
    const y = top + left === 0 ? wide : wide.pad([-left, -left, -top, -top]);
    return unbatched ? y.squeeze(0) : y;
  });

/**
 * Shows all blocks of images as columns: [N, C, H, W] or [C, H, W] gives [N, C · KH · KW, L] or [C · KH · KW, L], with
 * L = Πᵢ (⌊(sizeᵢ + 2 · paddingᵢ - dilationᵢ · (kernelᵢ - 1) - 1) / strideᵢ⌋ + 1). Same as torch.nn.functional.unfold.
 *
 * @throws ShapeError for a block that does not fit; DTypeError for dtypes that are no floats.
 *
 * @example
 * functional.unfold(tensor([[[1, 2, 3], [4, 5, 6]]]), 2); // tensor([[1., 2.], [2., 3.], [4., 5.], [5., 6.]])
 */
export const unfold: (x: Tensor, kernelSize: Extent, options?: FoldOptions) => Tensor = (x, kernelSize, options) =>
  unfoldBlocks("unfold", x, checkFold("unfold", kernelSize, options));

/**
 * Puts blocks back into images, and adds where they overlap: [N, C · KH · KW, L] or [C · KH · KW, L] gives
 * [N, C, ...outputSize] or [C, ...outputSize]. Same as torch.nn.functional.fold.
 *
 * @throws ShapeError for blocks whose size or number does not fit; DTypeError for dtypes that are no floats.
 *
 * @example
 * functional.fold(tensor([[1, 2], [2, 3], [4, 5], [5, 6]]), [2, 3], 2); // tensor([[[ 1.,  4.,  3.], [ 4., 10.,  6.]]])
 */
export const fold: (x: Tensor, outputSize: Extent, kernelSize: Extent, options?: FoldOptions) => Tensor = (
  x,
  outputSize,
  kernelSize,
  options,
) => foldBlocks("fold", x, checkExtent("fold", "outputSize", outputSize, 2, 1), checkFold("fold", kernelSize, options));
