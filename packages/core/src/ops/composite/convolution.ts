import { type Shape, sizeOf } from "../../shape.js";
import { composite, type Tensor } from "../../tensor.js";
import { closedFormOf } from "../closed-form.js";
import { multiply } from "../product.js";
import { flipped, placed, toOrder, toShape, windows } from "../view.js";

// Convolution over any number of spatial dims, for ops that have checked what they pass (nn's conv2d and the like).
//
// For input x [N, C, …S], weight w [D, C/G, …K] and output y [N, D, …O], all three functions below come from one sum,
//   Σ x[n, c, o · stride + k · dilation - padding] · w[d, c, k] · y[n, d, o],
// which is linear in each of x, w and y: each function is its derivative by one of them, and so the gradients of each are
// the other two. Each takes the spatial sizes of what it makes. Each is one matrix product, whose operands only show
// other tensors' elements in other places (`windows`), and are never copied for it.

/** How a convolution steps over its input: one number per spatial dim. */
export interface ConvolutionSteps {
  readonly stride: readonly number[];
  /** Zeros before the first element; how many stand behind the last follows from the sizes. */
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  /** Input and output channels are divided into this many groups, each with weights of its own. */
  readonly groups: number;
}

type Convolve = (a: Tensor, b: Tensor, sizes: Shape, steps: ConvolutionSteps) => Tensor;

const spatial = (x: Tensor): Shape => x.shape.slice(2);
const range = (length: number, start = 0, step = 1): number[] => Array.from({ length }, (_, i) => start + i * step);
/** The span, in elements of the input, of a window of `size`. */
const reach = (size: number, dilation: number): number => dilation * (size - 1) + 1;

/** All windows [N, C, O₁, K₁, O₂, K₂, …] of a padded x [N, C, …S]: `count` of them per dim, of `size` elements. */
function spans(x: Tensor, count: Shape, size: Shape, { stride, padding, dilation }: ConvolutionSteps): Tensor {
  let y = x;
  for (let i = 0; i < count.length; i++)
    y = placed(y, 2 + i, padding[i]!, (count[i]! - 1) * stride[i]! + reach(size[i]!, dilation[i]!));
  for (let i = 0; i < count.length; i++) y = windows(y, 2 + 2 * i, size[i]!, stride[i], dilation[i]);
  return y;
}

/** Multiplies weights [G, D/G, C/G · K] by windows [N, C, O₁, K₁, …]: [N, D, …O]. */
function weighted(weights: Tensor, x: Tensor): Tensor {
  const dims = (x.ndim - 2) / 2;
  const [batch, channels] = x.shape as [number, number];
  const [groups, rows] = weights.shape as [number, number];
  const counts = range(dims, 2, 2);
  const sizes = counts.map((dim) => x.shape[dim]!);
  const columns = toShape(toOrder(x, [0, 1, ...range(dims, 3, 2), ...counts]), [
    batch,
    groups,
    (channels / groups) * sizeOf(range(dims, 3, 2).map((dim) => x.shape[dim]!)),
    sizeOf(sizes),
  ]);
  return toShape(multiply(weights, columns), [batch, groups * rows, ...sizes]);
}

/** The weights [D, C/G, …K] as one matrix [D/G, C/G · K] per group. */
const rowsOf = (w: Tensor, groups: number): Tensor =>
  toShape(w, [groups, w.shape[0]! / groups, w.shape[1]! * sizeOf(spatial(w))]);

/** The weights that lead back, from output to input channels and mirrored: a matrix [C/G, D/G · K] per group. */
function rowsBack(w: Tensor, groups: number): Tensor {
  const [outs, ins, ...kernel] = w.shape as [number, number, ...number[]];
  const apart = toShape(w, [groups, outs / groups, ins, ...kernel]);
  const mirrored = flipped(
    apart,
    range(kernel.length, 3).filter((dim) => apart.shape[dim]! > 1),
  );
  return toShape(toOrder(mirrored, [0, 2, 1, ...range(kernel.length, 3)]), [
    groups,
    ins,
    (outs / groups) * sizeOf(kernel),
  ]);
}

/** @internal y of x and w: a convolution as networks have it, with `sizes` for O. */
export const convolve: Convolve = composite((x: Tensor, w: Tensor, sizes: Shape, steps: ConvolutionSteps) =>
  closedFormOf(
    [x, w],
    () => weighted(rowsOf(w, steps.groups), spans(x, sizes, spatial(w), steps)),
    (grad, _out, x, w) => [
      x.requiresGrad ? convolveBack(grad, w, spatial(x), steps) : null,
      w.requiresGrad ? convolveWeights(x, grad, spatial(w), steps) : null,
    ],
  ),
);

/**
 * @internal x of y and w: a transposed convolution, with `sizes` for S. It is a convolution itself, of y with its
 * elements `stride` apart, by the mirrored weights.
 */
export const convolveBack: Convolve = composite((y: Tensor, w: Tensor, sizes: Shape, steps: ConvolutionSteps) =>
  closedFormOf(
    [y, w],
    () => {
      const { stride, padding, dilation, groups } = steps;
      const kernel = spatial(w);
      let apart = y;
      kernel.forEach((size, i) => {
        const extra = reach(size, dilation[i]!) - 1;
        apart = placed(apart, 2 + i, extra - padding[i]!, sizes[i]! + extra, stride[i]);
      });
      const ones = kernel.map(() => 1);
      const zeros = kernel.map(() => 0);
      const shown = spans(apart, sizes, kernel, { stride: ones, padding: zeros, dilation, groups });
      return weighted(rowsBack(w, groups), shown);
    },
    (grad, _out, y, w) => [
      y.requiresGrad ? convolve(grad, w, spatial(y), steps) : null,
      w.requiresGrad ? convolveWeights(grad, y, spatial(w), steps) : null,
    ],
  ),
);

/** @internal w of x and y, with `sizes` for K: one product that sums over all elements of the batch. */
export const convolveWeights: Convolve = composite((x: Tensor, y: Tensor, sizes: Shape, steps: ConvolutionSteps) =>
  closedFormOf(
    [x, y],
    () => {
      const { groups } = steps;
      const dims = sizes.length;
      const counts = spatial(y);
      const [batch, ins] = x.shape as [number, number];
      const outs = y.shape[1]!;
      const columns = batch * sizeOf(counts);
      const shown = spans(x, counts, sizes, steps);
      const grouped = toShape(shown, [batch, groups, ins / groups, ...shown.shape.slice(2)]);
      const right = toShape(toOrder(grouped, [1, 0, ...range(dims, 3, 2), 2, ...range(dims, 4, 2)]), [
        groups,
        columns,
        (ins / groups) * sizeOf(sizes),
      ]);
      const perGroup = toShape(y, [batch, groups, outs / groups, sizeOf(counts)]);
      const left = toShape(toOrder(perGroup, [1, 2, 0, 3]), [groups, outs / groups, columns]);
      return toShape(multiply(left, right), [outs, ins / groups, ...sizes]);
    },
    (grad, _out, x, y) => [
      x.requiresGrad ? convolveBack(y, grad, spatial(x), steps) : null,
      y.requiresGrad ? convolve(x, grad, spatial(y), steps) : null,
    ],
  ),
);
