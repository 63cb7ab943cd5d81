import { withGrad } from "../../autograd/mode.js";
import { type Shape, sizeOf } from "../../shape.js";
import { composite, scalar, type Tensor } from "../../tensor.js";
import { closedFormOf } from "../closed-form.js";
import { multiply } from "../product.js";
import { flipped, joined, placed, slice, toExpanded, toOrder, toShape, windows } from "../view.js";

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

/**
 * Elements of one dim of x to which the same taps of the kernel lead back, every `stride`th: x[q · stride + phase] is the sum
 * of w[from + j · step] · y[q + start - j · dilation] over its taps j. Where phases are alike but for `from`, which counts up,
 * one stands for all.
 */
interface Phase {
  readonly alike: number;
  readonly taps: number;
  readonly from: number;
  readonly step: number;
  readonly start: number;
  readonly dilation: number;
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));

/** The phases of a dim: an element of x meets the taps k for which x's place + padding - k · dilation is y's times stride. */
function phasesOf(kernel: number, stride: number, padding: number, dilation: number): Phase[] {
  const common = divisor(stride, dilation);
  const [step, spread] = [stride / common, dilation / common];
  return range(stride).map((phase) => {
    const place = phase + padding;
    const from = range(Math.min(step, kernel)).find((k) => (k * dilation) % stride === place % stride);
    if (from === undefined) return { alike: 1, taps: 0, from: 0, step, start: 0, dilation: spread };
    const taps = Math.ceil((kernel - from) / step);
    return { alike: 1, taps, from, step, start: (place - from * dilation) / stride, dilation: spread };
  });
}

/** One for all phases, where they are alike. */
function joinedPhases(phases: readonly Phase[]): Phase | null {
  const [first] = phases as readonly [Phase];
  const alike = phases.every(({ from, taps, start }, i) => from === i && taps === first.taps && start === first.start);
  return alike && first.taps > 0 ? { ...first, alike: phases.length } : null;
}

/** The weights that lead back, from output to input channels and mirrored: a matrix [C/G · alike, D/G · taps] per group. */
function rowsBack(w: Tensor, phases: readonly Phase[], groups: number): Tensor {
  const [outs, ins] = w.shape as [number, number];
  const dims = phases.length;
  let part = w;
  phases.forEach(({ alike, from, taps, step }, i) => {
    if (alike === 1) part = slice(part, 2 + i, from, taps, step);
  });
  const shape = [groups, outs / groups, ins, ...phases.flatMap(({ alike, taps }) => [taps, alike])];
  const mirrored = flipped(
    toShape(part, shape),
    range(dims, 3, 2).filter((dim) => shape[dim]! > 1),
  );
  const rows = sizeOf([ins, ...phases.map(({ alike }) => alike)]);
  return toShape(toOrder(mirrored, [0, 2, ...range(dims, 4, 2), 1, ...range(dims, 3, 2)]), [
    groups,
    rows,
    sizeOf(shape) / groups / rows,
  ]);
}

/** All combinations of an element of each list, those of the last list next to each other. */
const combined = <Item>(lists: readonly (readonly Item[])[]): Item[][] =>
  lists.reduce<Item[][]>((all, list) => all.flatMap((items) => list.map((item) => [...items, item])), [[]]);

/**
 * x of y and w. Each phase of x is a convolution of y by some of the mirrored weights, without a step: their work together
 * is the convolution's own.
 */
function backInPhases(y: Tensor, w: Tensor, sizes: Shape, steps: ConvolutionSteps): Tensor {
  const { stride, padding, dilation, groups } = steps;
  const dims = sizes.length;
  const counts = sizes.map((size, i) => Math.ceil(size / stride[i]!));
  const phases = spatial(w).map((size, i) => phasesOf(size, stride[i]!, padding[i]!, dilation[i]!));
  const whole = phases.map(joinedPhases);
  const all = whole.every((phase) => phase !== null) ? [whole] : combined(phases);
  // y with zeros around it, as far as any phase looks.
  const before = phases.map((list) =>
    Math.max(...list.map(({ taps, start, dilation }) => reach(taps, dilation) - 1 - start)),
  );
  let wide = y;
  phases.forEach((list, i) => {
    const last = Math.max(...list.filter(({ taps }) => taps > 0).map(({ start }) => start));
    wide = placed(wide, 2 + i, before[i]!, before[i]! + last + counts[i]!);
  });
  const channels = w.shape[1]! * groups;
  const parts = all.map((phase) => {
    const alike = sizeOf(phase.map((one) => one.alike));
    const shape = [y.shape[0]!, channels, alike, ...counts];
    if (phase.some(({ taps }) => taps === 0)) return toExpanded(scalar(0, y.dtype, y.device), shape);
    let seen = wide;
    phase.forEach(({ taps, start, dilation }, i) => {
      const span = reach(taps, dilation);
      seen = slice(seen, 2 + i, before[i]! + start + 1 - span, counts[i]! + span - 1);
    });
    const spacing = { stride: phase.map(() => 1), dilation: phase.map((one) => one.dilation) };
    const shown = spans(
      seen,
      phase.map(({ taps }) => taps),
      spacing,
    );
    return toShape(weighted(rowsBack(w, phase, groups), shown), shape);
  });
  // [N, C, …phases, …counts] to [N, C, count, phase, count, phase, …]
  const apart = toShape(parts.length === 1 ? parts[0]! : joined(parts, 2), [
    y.shape[0]!,
    channels,
    ...stride,
    ...counts,
  ]);
  const turned = toOrder(apart, [0, 1, ...range(dims).flatMap((i) => [2 + dims + i, 2 + i])]);
  const full = toShape(turned, [y.shape[0]!, channels, ...counts.map((count, i) => count * stride[i]!)]);
  return sizes.reduce((x, size, i) => slice(x, 2 + i, 0, size), full);
}

/** @internal y of x and w: a convolution as networks have it, with `sizes` for O. */
export const convolve: ConvolvePadded = /* @__PURE__ */ composite(
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
 * @internal x of y and w: a transposed convolution, with `sizes` for S.
 */
export const convolveBack: Convolve = /* @__PURE__ */ composite(
  (y: Tensor, w: Tensor, sizes: Shape, steps: ConvolutionSteps) =>
    closedFormOf(
      [y, w],
      () => backInPhases(y, w, sizes, steps),
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
export const convolveWeights: ConvolvePadded = /* @__PURE__ */ composite(
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
