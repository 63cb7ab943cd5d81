import { ShapeError, type Tensor } from "@downhill/core";
import {
  avgPool,
  checkFlag,
  checkOptions,
  composite,
  maxPool,
  maxPoolIndices,
  type PoolingSteps,
  show,
  text,
  ValueError,
} from "@downhill/core/engine";
import { checkSpatial } from "./conv-operands.js";
import { across, checkExtent, type Extent, type SpatialDims } from "./extent.js";

/** What all pools take. */
export interface PoolOptions {
  /** Elements from one window to the next. Default: the kernel size, side by side. */
  readonly stride?: Extent | null;
  /** Places outside that windows may reach into, on each side; at most half a kernel. Default 0. */
  readonly padding?: Extent;
  /** Also take a last window that does not fit whole. Default false. */
  readonly ceilMode?: boolean;
}

/** The options of `functional.maxPool1d` and `functional.maxPool2d`. */
export interface MaxPoolOptions extends PoolOptions {
  /** Elements from one of a window's elements to the next. Default 1. */
  readonly dilation?: Extent;
  /** Also give where the greatest elements stand. Default false. */
  readonly returnIndices?: boolean;
}

/** The options of `functional.avgPool1d`. */
export interface AvgPool1dOptions extends PoolOptions {
  /** Count padding as elements that are 0. Default true. */
  readonly countIncludePad?: boolean;
}

/** The options of `functional.avgPool2d`. */
export interface AvgPoolOptions extends AvgPool1dOptions {
  /** Divide by this number, in place of how many elements a window has. */
  readonly divisorOverride?: number | null;
}

/** Without `returnIndices` the values; with it, values and int32 indices into the flattened spatial dims. */
export interface MaxPool {
  (x: Tensor, kernelSize: Extent, options?: MaxPoolOptions & { readonly returnIndices?: false }): Tensor;
  (
    x: Tensor,
    kernelSize: Extent,
    options: MaxPoolOptions & { readonly returnIndices: true },
  ): [values: Tensor, indices: Tensor];
}

/** Checks a pool's options, but for those of one kind only, and gives one number per dim. */
export function checkPool(
  where: string,
  dims: SpatialDims,
  kernelSize: unknown,
  { stride, padding = 0, dilation = 1, ceilMode }: MaxPoolOptions,
): PoolingSteps {
  const kernel = checkExtent(where, "kernelSize", kernelSize, dims, 1);
  const steps = {
    kernel,
    stride: checkExtent(where, "stride", stride ?? kernel, dims, 1),
    padding: checkExtent(where, "padding", padding, dims, 0),
    dilation: checkExtent(where, "dilation", dilation, dims, 1),
  };
  checkFlag(`${where}: ceilMode`, ceilMode);
  const most = kernel.map((size, i) => Math.floor((steps.dilation[i]! * (size - 1) + 1) / 2));
  if (steps.padding.some((size, i) => size > most[i]!)) {
    throw new ValueError(
      `${where}: padding ${across(steps.padding)} is more than half of the kernel, ${across(kernel)}: a window would hold no element`,
      `at most ${across(most)}; add more with x.pad`,
    );
  }
  return steps;
}

/** How many windows there are along each dim. */
function counts(where: string, x: Tensor, steps: PoolingSteps, ceilMode: boolean): number[] {
  const { kernel, stride, padding, dilation } = steps;
  const sizes = x.shape.slice(-kernel.length);
  const found = sizes.map((size, i) => {
    const rest = size + 2 * padding[i]! - dilation[i]! * (kernel[i]! - 1) - 1;
    const count = Math.floor((rest + (ceilMode ? stride[i]! - 1 : 0)) / stride[i]!) + 1;
    // The last window must begin at an element or in the padding before the first.
    return ceilMode && (count - 1) * stride[i]! >= size + padding[i]! ? count - 1 : count;
  });
  if (found.every((count) => count >= 1) && !sizes.includes(0)) return found;
  throw new ShapeError(
    `${where}: a kernel of ${across(kernel)} does not fit into an input of ${across(sizes)}, shape ${text(x.shape)}`,
    "take a smaller kernel or more padding",
  );
}

/* @__NO_SIDE_EFFECTS__ */
const max = (where: string, dims: SpatialDims): MaxPool =>
  composite((x: Tensor, kernelSize: Extent, options: MaxPoolOptions = {}) => {
    checkOptions(where, options, ["stride", "padding", "dilation", "ceilMode", "returnIndices"]);
    checkSpatial(where, x, dims);
    checkFlag(`${where}: returnIndices`, options.returnIndices);
    const steps = checkPool(where, dims, kernelSize, options);
    const sizes = counts(where, x, steps, options.ceilMode ?? false);
    const values = maxPool(x, sizes, steps);
    return options.returnIndices === true ? [values, maxPoolIndices(x, sizes, steps)] : values;
  }) as MaxPool;

/* @__NO_SIDE_EFFECTS__ */
const average = (where: string, dims: SpatialDims, known: readonly string[]): AvgPool =>
  composite((x: Tensor, kernelSize: Extent, options: AvgPoolOptions = {}) => {
    checkOptions(where, options, ["stride", "padding", "ceilMode", "countIncludePad", ...known]);
    checkSpatial(where, x, dims);
    const steps = checkPool(where, dims, kernelSize, options);
    const { countIncludePad = true, divisorOverride = null } = checkAveraging(where, options);
    return avgPool(x, counts(where, x, steps, options.ceilMode ?? false), steps, { countIncludePad, divisorOverride });
  });

/** Checks the options that only averages take. */
export function checkAveraging(where: string, options: AvgPoolOptions): AvgPoolOptions {
  checkFlag(`${where}: countIncludePad`, options.countIncludePad);
  const { divisorOverride = null } = options;
  if (divisorOverride !== null && (!Number.isInteger(divisorOverride) || divisorOverride === 0)) {
    throw new ValueError(
      `${where}: divisorOverride must be an integer other than 0, got ${show(divisorOverride)}`,
      "leave it out to divide by the number of elements",
    );
  }
  return options;
}

type AvgPool = (x: Tensor, kernelSize: Extent, options?: AvgPoolOptions) => Tensor;

/**
 * Takes the greatest element of each window of the last dim: [N, C, L] or [C, L] gives [N, C, L'] or [C, L'], with
 * L' = ⌊(L + 2 · padding - dilation · (kernelSize - 1) - 1) / stride⌋ + 1. NaN wins. The gradient goes to the first of
 * equals. Same as torch.nn.functional.max_pool1d.
 *
 * @throws ShapeError for a kernel that does not fit; ValueError for more padding than half a kernel.
 */
export const maxPool1d: MaxPool = max("maxPool1d", 1);

/**
 * Takes the greatest element of each window of the last two dims: [N, C, H, W] or [C, H, W] gives [N, C, H', W'] or
 * [C, H', W'], with H' = ⌊(H + 2 · padding - dilation · (kernelSize - 1) - 1) / stride⌋ + 1 and W' likewise. NaN wins. The
 * gradient goes to the first of equals, row by row. Same as torch.nn.functional.max_pool2d.
 *
 * @throws ShapeError for a kernel that does not fit; ValueError for more padding than half a kernel.
 *
 * @example
 * const image = tensor([[[1, 2, 0, 1], [3, 1, 1, 4]]]);
 * functional.maxPool2d(image, 2); // tensor([[[3., 4.]]])
 * const [values, indices] = functional.maxPool2d(image, 2, { returnIndices: true }); // tensor([[[3., 4.]]]), tensor([[[4, 7]]])
 */
export const maxPool2d: MaxPool = max("maxPool2d", 2);

/**
 * Takes the greatest element of each window of the last three dims: [N, C, D, H, W] or [C, D, H, W], with sizes as in
 * maxPool2d. NaN wins. The gradient goes to the first of equals. Same as torch.nn.functional.max_pool3d.
 *
 * @throws ShapeError for a kernel that does not fit; ValueError for more padding than half a kernel.
 */
export const maxPool3d: MaxPool = max("maxPool3d", 3);

/**
 * Averages each window of the last dim: [N, C, L] or [C, L] gives [N, C, L'] or [C, L'], with
 * L' = ⌊(L + 2 · padding - kernelSize) / stride⌋ + 1. Same as torch.nn.functional.avg_pool1d.
 *
 * @throws ShapeError for a kernel that does not fit; ValueError for more padding than half a kernel.
 */
export const avgPool1d: (x: Tensor, kernelSize: Extent, options?: AvgPool1dOptions) => Tensor = average(
  "avgPool1d",
  1,
  [],
);

/**
 * Averages each window of the last two dims: [N, C, H, W] or [C, H, W] gives [N, C, H', W'] or [C, H', W'], with
 * H' = ⌊(H + 2 · padding - kernelSize) / stride⌋ + 1 and W' likewise. Same as torch.nn.functional.avg_pool2d.
 *
 * @throws ShapeError for a kernel that does not fit; ValueError for more padding than half a kernel, or a divisor of 0.
 *
 * @example
 * functional.avgPool2d(tensor([[[1, 2, 0, 1], [3, 2, 1, 4]]]), 2); // tensor([[[2.0000, 1.5000]]])
 */
export const avgPool2d: AvgPool = average("avgPool2d", 2, ["divisorOverride"]);

/**
 * Averages each window of the last three dims: [N, C, D, H, W] or [C, D, H, W], with sizes as in avgPool2d. Same as
 * torch.nn.functional.avg_pool3d.
 *
 * @throws ShapeError for a kernel that does not fit; ValueError for more padding than half a kernel, or a divisor of 0.
 */
export const avgPool3d: AvgPool = average("avgPool3d", 3, ["divisorOverride"]);
