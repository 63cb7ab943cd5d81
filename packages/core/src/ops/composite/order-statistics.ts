import { checkOptions, DTypeError, ShapeError, show, ValueError } from "../../errors.js";
import { isFloat } from "../../dtype.js";
import { checkDim, text } from "../../shape.js";
import { composite, Tensor } from "../../tensor.js";
import { tensor } from "../../creation.js";
import { checkFloat, checkNoBool, checkTensor } from "../define.js";
import type { ReduceOptions } from "../reduce.js";
import { toShape } from "../view.js";
import { where } from "../where.js";

// What stands at a place of the sorted order. NaN sorts last.

interface Chosen {
  readonly name: string;
  readonly x: Tensor;
  readonly dim: number;
  readonly keepdim: boolean;
}

/** Checks the input and the dim of an order statistic; a 0-d tensor counts as [1]. */
function chosen(name: string, x: Tensor, dim: number, options: ReduceOptions): Chosen {
  checkTensor(name, x);
  checkNoBool(name, x.dtype);
  checkOptions(name, options, ["keepdim"]);
  const d = checkDim(name, dim, x.ndim);
  const row = x.ndim === 0 ? toShape(x, [1]) : x;
  if (row.shape[d] === 0) throw new ShapeError(`${name}: dim ${dim} of ${text(x.shape)} is empty`);
  return { name, x: row, dim: d, keepdim: (options.keepdim ?? false) && x.ndim > 0 };
}

/** How many elements along the dim are NaN; the dim stays. */
const countNan = (x: Tensor, dim: number): Tensor => x.ne(x).sum(dim, { keepdim: true }); // int32

/** The elements at these places (int32, the dim of size 1) of the sorted order, and where they stood. */
function atPlaces({ x, dim, keepdim }: Chosen, places: Tensor): [values: Tensor, indices: Tensor] {
  const indices = x.argsort(dim).gather(dim, places);
  const values = x.gather(dim, indices);
  return keepdim ? [values, indices] : [values.squeeze(dim), indices.squeeze(dim)];
}

/** The places of the lower median: of all elements, where one NaN makes NaN the result, or of those that are numbers. */
function medianPlaces(x: Tensor, dim: number, ignoresNan: boolean): Tensor {
  const count = x.shape[dim]!;
  const nans = countNan(x, dim);
  const numbers = nans.neg().add(count);
  if (ignoresNan) return numbers.sub(1).clamp(0).floorDivide(2);
  return where(nans.gt(0), numbers, Math.floor((count - 1) / 2));
}

interface Median {
  (x: Tensor): Tensor;
  (x: Tensor, dim: number, options?: ReduceOptions): [values: Tensor, indices: Tensor];
}

/* @__NO_SIDE_EFFECTS__ */
const medianOf = (name: string, ignoresNan: boolean): Median =>
  composite((x: Tensor, dim?: number, options: ReduceOptions = {}): Tensor | [Tensor, Tensor] => {
    if (dim !== undefined) {
      const along = chosen(name, x, dim, options);
      return atPlaces(along, medianPlaces(along.x, along.dim, ignoresNan));
    }
    checkTensor(name, x);
    checkNoBool(name, x.dtype);
    if (x.numel() === 0) throw new ShapeError(`${name}: ${text(x.shape)} has no elements`, "leave empty tensors out");
    const flat = toShape(x, [x.numel()]);
    const median = flat
      .detach()
      .sort()[0]
      .gather(0, medianPlaces(flat, 0, ignoresNan));
    if (!isFloat(x.dtype)) return toShape(median, []);
    // Equals share the gradient: they are the ties of the greatest among those that are not greater.
    const upTo = flat.le(median);
    if (!ignoresNan) return where(upTo.logicalOr(flat.ne(flat)), flat, -Infinity).amax();
    return where(toShape(median.ne(median), []), NaN, where(upTo, flat, -Infinity).amax());
  }) as Median;

/**
 * Takes the median: the middle element of the sorted order, the lower of two. NaN if there is one. Of all elements, where
 * equals share the gradient, or along a dim, as [values, indices]. Same as torch.median.
 *
 * @throws ShapeError where there are no elements; DTypeError for bool.
 *
 * @example
 * median(tensor([3, 1, 2, 4])); // tensor(2.)
 * const [values, indices] = median(tensor([[3, 1, 2]]), 1); // tensor([2.]), tensor([2])
 */
export const median: Median = medianOf("median", false);

/**
 * Takes the median of the elements that are not NaN; NaN where all are. See `median`. Gradient: grad to the element that
 * was taken. Same as torch.nanmedian.
 */
export const nanmedian: Median = medianOf("nanmedian", true);

type Kth = (x: Tensor, k: number, dim?: number, options?: ReduceOptions) => [values: Tensor, indices: Tensor];

/**
 * Takes the k-th smallest element along a dim (1 is the smallest), by default the last: [values, indices]. Gradient: grad
 * to the element that was taken. Same as torch.kthvalue.
 *
 * @throws ValueError for a k that no element has.
 */
export const kthvalue: Kth = composite((x: Tensor, k: number, dim = -1, options: ReduceOptions = {}) => {
  const along = chosen("kthvalue", x, dim, options);
  const size = along.x.shape[along.dim]!;
  if (!Number.isInteger(k) || k < 1 || k > size)
    throw new ValueError(`kthvalue: k must be from 1 to ${size}, the size of dim ${dim}, got ${show(k)}`);
  const one = along.x.shape.with(along.dim, 1);
  return atPlaces(along, tensor(k - 1, { dtype: "int32", device: x.device }).expand(one));
});

/** Sorts along dim 0. Gradient: grad, where each element came from. Same as torch.msort. */
export const msort: (x: Tensor) => Tensor = composite((x: Tensor) => {
  checkTensor("msort", x);
  return x.sort(0)[0];
});

/**
 * Takes the element that stands most often along a dim, by default the last, the smallest of several: [values, indices],
 * with the last place where it stands. Gradient: grad to the element that was taken. Same as torch.mode.
 */
export const mode: (x: Tensor, dim?: number, options?: ReduceOptions) => [values: Tensor, indices: Tensor] = composite(
  (x: Tensor, dim = -1, options: ReduceOptions = {}): [Tensor, Tensor] => {
    const along = chosen("mode", x, dim, options);
    const sorted = along.x.detach().movedim(along.dim, -1).sort(-1)[0];
    // How many up to each are equal to it: its place in a run of equals, and the last of the longest run is the greatest.
    const equals = sorted.unsqueeze(-1).eq(sorted.unsqueeze(-2)).tril();
    return atPlaces(along, equals.sum(-1).argmax(-1, { keepdim: true }).movedim(-1, along.dim));
  },
);

/** What a quantile between two elements is. */
export type Interpolation = "linear" | "lower" | "higher" | "midpoint" | "nearest";

export interface QuantileOptions extends ReduceOptions {
  /** Between two elements: their mix by distance ("linear", the default), one of them, or their mean. */
  readonly interpolation?: Interpolation;
}

type Quantile = (x: Tensor, q: number | Tensor, dim?: number | null, options?: QuantileOptions) => Tensor;

const mixes: Readonly<Record<Interpolation, (between: Tensor) => Tensor>> = {
  linear: (between) => between,
  lower: (between) => between.mul(0),
  higher: (between) => between.ceil(),
  midpoint: (between) => between.ceil().mul(0.5),
  nearest: (between) => between,
};

/* @__NO_SIDE_EFFECTS__ */
const quantileOf = (name: string, ignoresNan: boolean): Quantile =>
  composite((x: Tensor, q: number | Tensor, dim?: number | null, options: QuantileOptions = {}): Tensor => {
    checkFloat(name, x);
    checkOptions(name, options, ["keepdim", "interpolation"]);
    const { interpolation = "linear", keepdim = false } = options;
    if (!Object.hasOwn(mixes, interpolation))
      throw new ValueError(
        `${name}: interpolation must be one of ${Object.keys(mixes).join(", ")}, got ${show(interpolation)}`,
      );
    if (typeof q === "number" ? !(q >= 0 && q <= 1) : !(q instanceof Tensor))
      throw new ValueError(`${name}: q must be a number from 0 to 1 or a tensor of them, got ${show(q)}`);
    if (q instanceof Tensor && q.dtype !== x.dtype)
      throw new DTypeError(`${name}: q must have the dtype of x, got ${q.dtype} and ${x.dtype}`);
    if (q instanceof Tensor && q.ndim > 1)
      throw new ShapeError(`${name}: q must be a number or a vector, got ${text(q.shape)}`);
    if (x.numel() === 0) throw new ShapeError(`${name}: ${text(x.shape)} has no elements`, "leave empty tensors out");
    // The dim goes last; that of q comes first in the result.
    const last = typeof dim === "number" ? x.movedim(checkDim(name, dim, x.ndim), -1) : toShape(x, [x.numel()]);
    const row = last.ndim === 0 ? toShape(last, [1]) : last;
    const size = row.shape.at(-1)!;
    const nans = countNan(row, row.ndim - 1);
    const top = ignoresNan
      ? nans
          .neg()
          .add(size - 1)
          .clamp(0)
          .to(x.dtype)
      : size - 1;
    const quantiles = typeof q === "number" ? tensor([q], { dtype: x.dtype, device: x.device }) : q.reshape([-1]);
    const broad = row.shape.with(row.ndim - 1, quantiles.numel());
    let place = quantiles.mul(top).expand(broad);
    if (interpolation === "nearest") place = place.round();
    if (!ignoresNan) place = where(nans.gt(0), size - 1, place); // where a NaN is, if there is one
    const sorted = row.sort(-1)[0];
    const below = place.floor();
    const low = sorted.gather(-1, below.to("int32"));
    const high = sorted.gather(-1, place.ceil().to("int32"));
    const result = low.lerp(high, mixes[interpolation](place.sub(below)));
    return arranged(result, x, dim, q, keepdim);
  });

/** Puts the quantiles' dim, which is the last, first, or leaves it out where q is one number. */
function arranged(
  result: Tensor,
  x: Tensor,
  dim: number | null | undefined,
  q: number | Tensor,
  keepdim: boolean,
): Tensor {
  const first = result.movedim(-1, 0);
  const rest =
    !keepdim || x.ndim === 0
      ? first.shape.slice(1)
      : typeof dim === "number"
        ? x.shape.with(checkDim("quantile", dim, x.ndim), 1)
        : x.shape.map(() => 1);
  const shape = typeof q === "number" || q.ndim === 0 ? rest : [first.shape[0]!, ...rest];
  return toShape(first, shape);
}

/**
 * Takes quantiles of all elements or along a dim: what stands at q · (n - 1) of the sorted order. Several q come first in
 * the result. NaN where there is one. Gradient: grad, shared by the two elements that it stands between. Same as
 * torch.quantile.
 *
 * @throws DTypeError for ints; ValueError for q outside [0, 1]; ShapeError where there are no elements.
 *
 * @example
 * quantile(tensor([1, 2, 3, 4]), 0.5); // tensor(2.5000)
 */
export const quantile: Quantile = quantileOf("quantile", false);

/**
 * Takes quantiles of the elements that are not NaN; see `quantile`. Gradient: grad, shared by the two elements that it
 * stands between. Same as torch.nanquantile.
 */
export const nanquantile: Quantile = quantileOf("nanquantile", true);
