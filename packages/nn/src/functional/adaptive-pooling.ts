import { ShapeError, type Tensor, where } from "@downhill/core";
import {
  avgPool,
  checkCount,
  checkFlag,
  checkOptions,
  composite,
  iota,
  maxPool,
  maxPoolIndices,
  readAlong,
  show,
  sizeOf,
  text,
  ValueError,
} from "@downhill/core/engine";
import { checkSpatial } from "./conv-operands.js";
import type { SpatialDims } from "./extent.js";

/** How large the result is: one number for every spatial dim, or one for each, where null keeps the input's. */
export type OutputSize = number | null | readonly (number | null)[];

/** The options of `functional.adaptiveMaxPool1d` and its relatives. */
export interface AdaptiveMaxPoolOptions {
  /** Also give where the greatest elements stand. Default false. */
  readonly returnIndices?: boolean;
}

/** Without `returnIndices` the values; with it, values and int32 indices into the flattened spatial dims. */
export interface AdaptiveMaxPool {
  (x: Tensor, outputSize: OutputSize, options?: AdaptiveMaxPoolOptions & { readonly returnIndices?: false }): Tensor;
  (
    x: Tensor,
    outputSize: OutputSize,
    options: AdaptiveMaxPoolOptions & { readonly returnIndices: true },
  ): [values: Tensor, indices: Tensor];
}

/** Checks an output size, and gives one number per dim, null where it is the input's. */
export function checkOutputSize(where: string, given: unknown, dims: SpatialDims): (number | null)[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : new Array<unknown>(dims).fill(given);
  if (list.length !== dims)
    throw new ValueError(`${where}: outputSize must be a number or ${dims} of them, got ${show(given)}`);
  return list.map((size) => (size === null ? null : checkCount(where, "outputSize", size, 1)));
}

/** Checks the input, and gives the sizes that the pooled dims have and shall have. */
function sizesFor(where: string, dims: SpatialDims, x: Tensor, outputSize: unknown): [from: number[], to: number[]] {
  checkSpatial(where, x, dims);
  const from = x.shape.slice(-dims);
  if (from.includes(0)) throw new ShapeError(`${where}: the input has no elements to pool, got shape ${text(x.shape)}`);
  return [from, checkOutputSize(where, outputSize, dims).map((size, i) => size ?? from[i]!)];
}

/** The steps of equal windows side by side, if the sizes divide; else null. */
function evenSteps(from: readonly number[], to: readonly number[]): Parameters<typeof maxPool>[2] | null {
  if (from.some((size, i) => size % to[i]! !== 0)) return null;
  const kernel = from.map((size, i) => size / to[i]!);
  return { kernel, stride: kernel, padding: kernel.map(() => 0), dilation: kernel.map(() => 1) };
}

/** Where a dim's windows begin, how long they are, [to, 1] each, and the longest. */
interface Windows {
  readonly start: Tensor;
  readonly length: Tensor;
  readonly longest: number;
}

/** Window i of `to` windows over `from` elements: from ⌊i · from / to⌋ to ⌈(i + 1) · from / to⌉, the last excluded. */
function windowsOf(from: number, to: number, x: Tensor): Windows {
  const i = iota(to, x.device).reshape([to, 1]);
  const start = i.mul(from).floorDivide(to);
  const end = i.add(1).mul(from).add(to - 1).floorDivide(to); // prettier-ignore
  let longest = 1;
  for (let n = 0; n < to; n++)
    longest = Math.max(longest, Math.ceil(((n + 1) * from) / to) - Math.floor((n * from) / to));
  return { start, length: end.sub(start), longest };
}

/** All windows […, to₁, longest₁, to₂, longest₂, …] of x, with `outside` behind the end of the short ones. */
function gathered(x: Tensor, from: readonly number[], to: readonly number[], outside: number): [Tensor, Windows[]] {
  const lead = x.ndim - from.length;
  const found = from.map((size, i) => windowsOf(size, to[i]!, x));
  let y = x;
  let inside: Tensor | null = null;
  for (const [i, { start, length, longest }] of found.entries()) {
    const dim = lead + 2 * i;
    const step = iota(longest, x.device);
    const place = start.add(step).clampMax(from[i]! - 1).reshape([to[i]! * longest]); // prettier-ignore
    const shape = y.shape.with(dim, to[i]! * longest);
    const along = place.reshape(shape.map((size, d) => (d === dim ? size : 1)));
    y = readAlong(y, dim, along, shape, { caller: "indexSelect" });
    y = y.reshape(y.shape.toSpliced(dim, 1, to[i]!, longest));
    const rest = from.slice(i + 1).flatMap(() => [1, 1]);
    const own = step.lt(length).reshape([to[i]!, longest, ...rest]);
    inside = inside === null ? own : inside.logicalAnd(own);
  }
  return [where(inside!, y, outside), found];
}

/** As a number per window, that broadcasts to […, to₁, to₂, …]. */
const perWindow = (values: Tensor, i: number, dims: number): Tensor =>
  values.reshape([values.shape[0]!, ...new Array<number>(dims - 1 - i).fill(1)]);

type AdaptiveAvgPool = (x: Tensor, outputSize: OutputSize) => Tensor;

/* @__NO_SIDE_EFFECTS__ */
const average = (name: string, dims: SpatialDims): AdaptiveAvgPool =>
  composite((x: Tensor, outputSize: OutputSize) => {
    const [from, to] = sizesFor(name, dims, x, outputSize);
    const even = evenSteps(from, to);
    if (even !== null) return avgPool(x, to, even, { countIncludePad: true, divisorOverride: null });
    const [y, found] = gathered(x, from, to, 0);
    const lead = x.ndim - dims;
    const counts = found.map(({ length }, i) => perWindow(length, i, dims));
    const count = counts.reduce((product, length) => product.mul(length));
    return y.sum(to.map((_, i) => lead + 2 * i + 1)).div(count.to(x.dtype));
  });

/* @__NO_SIDE_EFFECTS__ */
const max = (name: string, dims: SpatialDims): AdaptiveMaxPool =>
  composite((x: Tensor, outputSize: OutputSize, options: AdaptiveMaxPoolOptions = {}) => {
    checkOptions(name, options, ["returnIndices"]);
    checkFlag(`${name}: returnIndices`, options.returnIndices);
    const [from, to] = sizesFor(name, dims, x, outputSize);
    const even = evenSteps(from, to);
    if (even !== null) {
      const values = maxPool(x, to, even);
      return options.returnIndices === true ? [values, maxPoolIndices(x, to, even)] : values;
    }
    const [y, found] = gathered(x, from, to, -Infinity);
    const lead = x.ndim - dims;
    const order = [...x.shape.keys()].slice(0, lead);
    for (const odd of [0, 1]) for (const i of to.keys()) order.push(lead + 2 * i + odd);
    const sizes = found.map(({ longest }) => longest);
    const rows = y.permute(order).reshape([...x.shape.slice(0, lead), ...to, sizeOf(sizes)]);
    const [values, winner] = rows.max(-1);
    if (options.returnIndices !== true) return values;
    let rest = winner;
    let index: Tensor | null = null;
    for (let i = dims - 1; i >= 0; i--) {
      const at = rest.remainder(sizes[i]!).add(perWindow(found[i]!.start, i, dims));
      rest = rest.floorDivide(sizes[i]!);
      const scaled = at.mul(sizeOf(from.slice(i + 1)));
      index = index === null ? scaled : index.add(scaled);
    }
    return [values, index!];
  }) as AdaptiveMaxPool;

/**
 * Averages `outputSize` windows of the last dim that cover it evenly: window i runs from ⌊i · L / L'⌋ to ⌈(i + 1) · L / L'⌉.
 * [N, C, L] or [C, L] gives [N, C, L'] or [C, L']. Same as torch.nn.functional.adaptive_avg_pool1d.
 *
 * @throws ValueError for an output size below 1; ShapeError for input of other dims.
 *
 * @example
 * functional.adaptiveAvgPool1d(tensor([[1, 2, 3, 4]]), 2); // tensor([[1.5000, 3.5000]])
 */
export const adaptiveAvgPool1d: AdaptiveAvgPool = average("adaptiveAvgPool1d", 1);

/**
 * Averages windows that cover the last two dims evenly, as many as `outputSize` says, per dim as in `adaptiveAvgPool1d`:
 * [N, C, H, W] or [C, H, W] gives [N, C, H', W'] or [C, H', W']. Same as torch.nn.functional.adaptive_avg_pool2d.
 *
 * @throws ValueError for an output size below 1; ShapeError for input of other dims.
 *
 * @example
 * functional.adaptiveAvgPool2d(randn([64, 8, 9, 7]), [5, null]).shape; // [64, 8, 5, 7]
 */
export const adaptiveAvgPool2d: AdaptiveAvgPool = average("adaptiveAvgPool2d", 2);

/**
 * Averages windows that cover the last three dims evenly, as many as `outputSize` says, per dim as in
 * `adaptiveAvgPool1d`. Same as torch.nn.functional.adaptive_avg_pool3d.
 *
 * @throws ValueError for an output size below 1; ShapeError for input of other dims.
 */
export const adaptiveAvgPool3d: AdaptiveAvgPool = average("adaptiveAvgPool3d", 3);

/**
 * Takes the greatest element of each of `outputSize` windows that cover the last dim evenly, as in `adaptiveAvgPool1d`.
 * The gradient goes to the first of equals. Same as torch.nn.functional.adaptive_max_pool1d.
 *
 * @throws ValueError for an output size below 1; ShapeError for input of other dims.
 */
export const adaptiveMaxPool1d: AdaptiveMaxPool = max("adaptiveMaxPool1d", 1);

/**
 * Takes the greatest element of each of the windows that cover the last two dims evenly, as in `adaptiveAvgPool2d`. The
 * gradient goes to the first of equals. Same as torch.nn.functional.adaptive_max_pool2d.
 *
 * @throws ValueError for an output size below 1; ShapeError for input of other dims.
 *
 * @example
 * functional.adaptiveMaxPool2d(tensor([[[1, 2, 3], [4, 5, 6]]]), [1, 2]); // tensor([[[5., 6.]]])
 */
export const adaptiveMaxPool2d: AdaptiveMaxPool = max("adaptiveMaxPool2d", 2);

/**
 * Takes the greatest element of each of the windows that cover the last three dims evenly, as in `adaptiveAvgPool3d`. The
 * gradient goes to the first of equals. Same as torch.nn.functional.adaptive_max_pool3d.
 *
 * @throws ValueError for an output size below 1; ShapeError for input of other dims.
 */
export const adaptiveMaxPool3d: AdaptiveMaxPool = max("adaptiveMaxPool3d", 3);
