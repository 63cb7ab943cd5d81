import type { GradientRule } from "../../autograd/rule.js";
import { defineOp, type Op } from "../../program/node.js";
import { type Shape, sizeOf, stridesOf } from "../../shape.js";
import { composite, scalar, type Tensor } from "../../tensor.js";
import { closedFormOf } from "../closed-form.js";
import { iota, writeAlong } from "../index-access.js";
import { pad } from "../padding.js";
import { reduce } from "../reduce.js";
import { toExpanded, toOrder, toShape, unwindowed, windows } from "../view.js";
import { where } from "../where.js";

// Pooling over any number of last dims, for ops that have checked what they pass (nn's maxPool2d and the like). Each
// takes the sizes of its result's last dims; windows may reach beyond the padding's end, as with PyTorch's ceil_mode.

/** Which windows a pool looks at: one number per pooled dim. */
export interface PoolingSteps {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  /** Places before the first element. */
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
}

const MAX: Op<GradientRule> = /* @__PURE__ */ defineOp<GradientRule>("max", null);
const PLACE: Op<GradientRule> = /* @__PURE__ */ defineOp<GradientRule>("argmax", null);

const every = (length: number, start = 0, step = 1): number[] => Array.from({ length }, (_, i) => start + i * step);

/** The dims before the pooled ones. */
const leading = (x: Tensor, { kernel }: PoolingSteps): number => x.ndim - kernel.length;

/** Where each pooled dim's windows end, counted from the first element. */
const ends = (sizes: Shape, { kernel, stride, padding, dilation }: PoolingSteps): number[] =>
  sizes.map((size, i) => (size - 1) * stride[i]! + dilation[i]! * (kernel[i]! - 1) + 1 - padding[i]!);

/** All windows […, O₁, K₁, O₂, K₂, …] of x, with `outside` where there are no elements. */
function shown(x: Tensor, sizes: Shape, steps: PoolingSteps, outside: number): Tensor {
  const lead = leading(x, steps);
  const around = ends(sizes, steps).map((end, i) => [steps.padding[i]!, end - x.shape[lead + i]!]);
  const padded = around.some(([before, after]) => before !== 0 || after !== 0);
  let y = padded ? pad(x, around.reverse().flat(), outside === 0 ? {} : { value: outside }) : x;
  for (let i = 0; i < sizes.length; i++)
    y = windows(y, lead + 2 * i, steps.kernel[i]!, steps.stride[i], steps.dilation[i]);
  return y;
}

/** All windows with their elements in one row each: […, O₁, O₂, …, K₁ · K₂ · …]. */
function rowsOf(x: Tensor, sizes: Shape, steps: PoolingSteps): Tensor {
  const lead = leading(x, steps);
  const dims = sizes.length;
  const order = [...every(lead), ...every(dims, lead, 2), ...every(dims, lead + 1, 2)];
  const rows = toOrder(shown(x, sizes, steps, -Infinity), order);
  return toShape(rows, [...rows.shape.slice(0, lead + dims), sizeOf(steps.kernel)]);
}

/** The place in its window of each greatest element, counted row by row: the first of equals, or of NaNs. */
function winners(x: Tensor, sizes: Shape, steps: PoolingSteps): Tensor {
  const rows = rowsOf(x, sizes, steps);
  return reduce(PLACE, rows, [rows.ndim - 1], false, "int32");
}

const scaled = (x: Tensor, factor: number): Tensor => (factor === 1 ? x : x.mul(factor));

/** The places of a pooled dim at which its windows begin, as [O, 1, 1, …] to go with the dims that follow. */
function starts(sizes: Shape, dim: number, { stride, padding }: PoolingSteps, x: Tensor): Tensor {
  const first = scaled(iota(sizes[dim]!, x.device), stride[dim]!);
  const moved = padding[dim] === 0 ? first : first.sub(padding[dim]!);
  return toShape(moved, [sizes[dim]!, ...sizes.slice(dim + 1).map(() => 1)]);
}

/**
 * @internal Where each greatest element stands in the pooled dims, counted row by row, as int32: what PyTorch's
 * return_indices gives.
 */
export const maxPoolIndices: (x: Tensor, sizes: Shape, steps: PoolingSteps) => Tensor = composite(
  (x: Tensor, sizes: Shape, steps: PoolingSteps) => {
    const { kernel, padding, dilation } = steps;
    const strides = stridesOf(x.shape.slice(leading(x, steps)));
    let rest = winners(x, sizes, steps);
    let index: Tensor | null = null;
    for (let i = sizes.length - 1; i >= 0; i--) {
      const inWindow = i === 0 ? rest : rest.remainder(kernel[i]!);
      let at = starts(sizes, i, steps, x).add(scaled(inWindow, dilation[i]!));
      // Padding wins only where all are -Infinity: then it is the first element of the window.
      if (padding[i]! > 0) at = where(at.lt(0), at.remainder(dilation[i]!), at);
      index = index === null ? at : index.add(scaled(at, strides[i]!));
      if (i > 0) rest = rest.floorDivide(kernel[i]!);
    }
    return index!;
  },
);

/** Each window's gradient to its first greatest element. */
function maxPoolBack(x: Tensor, grad: Tensor, sizes: Shape, steps: PoolingSteps): Tensor {
  const { kernel, stride, padding, dilation } = steps;
  const lead = leading(x, steps);
  const outer = x.shape.slice(0, lead);
  const apart = kernel.every((size, i) => padding[i] === 0 && stride[i]! >= size && (dilation[i] === 1 || size === 1));
  if (!apart) {
    const [planes, size, count] = [sizeOf(outer), sizeOf(x.shape.slice(lead)), sizeOf(sizes)];
    const index = toShape(maxPoolIndices(x, sizes, steps), [planes, count]);
    const zeros = toExpanded(scalar(0, grad.dtype, grad.device), [planes, size]);
    return toShape(
      writeAlong(zeros, 1, index, toShape(grad, [planes, count]), true, { caller: "scatterAdd" }),
      x.shape,
    );
  }
  // No element is in two windows: each reads the gradient of its own.
  const perWindow = (y: Tensor): Tensor => toShape(y, [...outer, ...sizes.flatMap((size) => [size, 1])]);
  const places = toShape(
    iota(sizeOf(kernel), x.device),
    kernel.flatMap((size) => [1, size]),
  );
  const zero = scalar(0, grad.dtype, grad.device);
  let y = where(places.eq(perWindow(winners(x, sizes, steps))), perWindow(grad), zero);
  for (let i = sizes.length - 1; i >= 0; i--) y = unwindowed(y, lead + 2 * i, x.shape[lead + i]!, stride[i]!, 1);
  return y;
}

/** @internal The greatest element of each window; NaN wins. Its gradient goes to the first of equals, row by row. */
export const maxPool: (x: Tensor, sizes: Shape, steps: PoolingSteps) => Tensor = composite(
  (x: Tensor, sizes: Shape, steps: PoolingSteps) =>
    closedFormOf(
      [x],
      () => {
        // The same rows as `winners`, so that a training step finds both in one pass.
        const rows = rowsOf(x, sizes, steps);
        return reduce(MAX, rows, [rows.ndim - 1], false, x.dtype);
      },
      (grad, _out, x) => [maxPoolBack(x, grad, sizes, steps)],
    ),
);

/** The options of averaging windows. */
export interface AveragingOptions {
  /** Whether padding counts as elements that are 0. */
  readonly countIncludePad: boolean;
  /** Divide the sum of a window by this, in place of the number of its elements. */
  readonly divisorOverride: number | null;
}

/** @internal The mean of each window; what lies beyond the padding counts in no case. */
export const avgPool: (x: Tensor, sizes: Shape, steps: PoolingSteps, options: AveragingOptions) => Tensor = composite(
  (x: Tensor, sizes: Shape, steps: PoolingSteps, { countIncludePad, divisorOverride }: AveragingOptions) => {
    const { kernel, padding } = steps;
    const lead = leading(x, steps);
    const sum = shown(x, sizes, steps, 0).sum(every(sizes.length, lead + 1, 2));
    if (divisorOverride !== null) return sum.div(divisorOverride);
    const lasts = sizes.map((_, i) => x.shape[lead + i]! + (countIncludePad ? padding[i]! : 0));
    const whole = ends(sizes, steps).every((end, i) => end <= lasts[i]! && (countIncludePad || padding[i] === 0));
    if (whole) return sum.div(sizeOf(kernel));
    const counts = sizes.map((_, i) => {
      const begin = starts(sizes, i, steps, x);
      const end = begin.add(kernel[i]!).clampMax(lasts[i]!);
      return end.sub(countIncludePad ? begin : begin.clampMin(0));
    });
    return sum.div(counts.reduce((product, count) => product.mul(count)).to(x.dtype));
  },
);
