import { withGrad } from "../../autograd/mode.js";
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
// the other two. Each takes the spatial sizes of what it makes. Each is one matrix product, whose operands only show the
// elements of stored tensors in other places (`windows`): nothing is copied but for padding, once per pass.

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
/** `wide` is x with its padding, where the caller has it already. */
type ConvolvePadded = (x: Tensor, b: Tensor, sizes: Shape, steps: ConvolutionSteps, wide?: Tensor) => Tensor;

const spatial = (x: Tensor): Shape => x.shape.slice(2);
const range = (length: number, start = 0, step = 1): number[] => Array.from({ length }, (_, i) => start + i * step);
/** The span, in elements of the input, of a window of `size`. */
const reach = (size: number, dilation: number): number => dilation * (size - 1) + 1;

/** x [N, C, …S] with its padding, as far as `count` windows of `size` elements per dim reach: the one copy of it. */
const widened = (x: Tensor, count: Shape, size: Shape, { stride, padding, dilation }: ConvolutionSteps): Tensor =>
  withGrad(false, () =>
    count.reduce((y, n, i) => placed(y, 2 + i, padding[i]!, (n - 1) * stride[i]! + reach(size[i]!, dilation[i]!)), x),
  );

type Spacing = Pick<ConvolutionSteps, "stride" | "dilation">;

/** All windows [N, C, O₁, K₁, O₂, K₂, …] of a padded x, of `size` elements per dim. */
const spans = (x: Tensor, size: Shape, { stride, dilation }: Spacing): Tensor =>
  size.reduce((y, n, i) => windows(y, 2 + 2 * i, n, stride[i], dilation[i]), x);

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
export const convolve: ConvolvePadded = composite(
  (x: Tensor, w: Tensor, sizes: Shape, steps: ConvolutionSteps, wide: Tensor = widened(x, sizes, spatial(w), steps)) =>
    closedFormOf(
      [x, w, wide],
      () => weighted(rowsOf(w, steps.groups), spans(wide, spatial(w), steps)),
      (grad, _out, x, w, wide) => [
        x.requiresGrad ? convolveBack(grad, w, spatial(x), steps) : null,
        w.requiresGrad ? convolveWeights(x, grad, spatial(w), steps, wide) : null,
        null,
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
      return weighted(rowsBack(w, groups), spans(apart, kernel, { stride: kernel.map(() => 1), dilation }));
    },
    (grad, _out, y, w) => {
      const wide = widened(grad, spatial(y), spatial(w), steps);
      return [
        y.requiresGrad ? convolve(grad, w, spatial(y), steps, wide) : null,
        w.requiresGrad ? convolveWeights(grad, y, spatial(w), steps, wide) : null,
      ];
    },
  ),
);

/** @internal w of x and y, with `sizes` for K: one product that sums over all elements of the batch. */
export const convolveWeights: ConvolvePadded = composite(
  (x: Tensor, y: Tensor, sizes: Shape, steps: ConvolutionSteps, wide: Tensor = widened(x, spatial(y), sizes, steps)) =>
    closedFormOf(
      [x, y, wide],
      () => {
        const { groups } = steps;
        const dims = sizes.length;
        const counts = spatial(y);
        const [batch, ins] = x.shape as [number, number];
        const outs = y.shape[1]!;
        const columns = batch * sizeOf(counts);
        const shown = spans(wide, sizes, steps);
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
      (grad, _out, x, y, wide) => [
        x.requiresGrad ? convolveBack(y, grad, spatial(x), steps) : null,
        y.requiresGrad ? convolve(x, grad, spatial(y), steps, wide) : null,
        null,
      ],
    ),
);
