import type { GradientRule } from "../autograd/rule.js";
import { checkOptions, DTypeError, show, ValueError } from "../errors.js";
import { defineOp, type Op } from "../program/node.js";
import { checkDim, text } from "../shape.js";
import { apply, composite, type Tensor } from "../tensor.js";
import { checkTensor } from "./define.js";
import { readAlong } from "./index-access.js";
import { toShape } from "./view.js";

// attrs [dim, descending]; equal elements keep their order. The result may hold the first places only.
const ARGSORT: Op<GradientRule> = defineOp<GradientRule>("argsort", null);

/** The options of `sort` and `argsort`. */
export interface SortOptions {
  /** Largest first. */
  readonly descending?: boolean;
  /** Taken as PyTorch's; equal elements always keep their order here. */
  readonly stable?: boolean;
}

type Dim<O> = number | O;

/** Takes apart `(dim, options)` and `(options)`. */
function given<O extends object>(
  dim: Dim<O> | undefined,
  options: O | undefined,
): { dim: number; options: O | undefined } {
  return typeof dim === "object" ? { dim: -1, options: dim } : { dim: dim ?? -1, options };
}

/** The first `count` places of x's elements in sorted order along `dim`, for x of 1 dim or more. */
const order = (x: Tensor, dim: number, descending: boolean, count: number = x.shape[dim]!): Tensor =>
  apply(ARGSORT, [x], [dim, descending ? 1 : 0], x.shape.with(dim, count), "int32");

function sorted(
  where: string,
  x: Tensor,
  dimOrOptions: Dim<SortOptions> | undefined,
  more: SortOptions | undefined,
): { places: Tensor; from: Tensor; dim: number } {
  checkTensor(where, x);
  const { dim, options } = given(dimOrOptions, more);
  checkOptions(where, options, ["descending", "stable"]);
  const d = checkDim(where, dim, x.ndim);
  const from = x.ndim === 0 ? toShape(x, [1]) : x;
  return { places: order(from, d, options?.descending ?? false), from, dim: d };
}

/**
 * Sorts along a dim, by default the last, and tells where each element stood: [values, indices]. Equal elements keep
 * their order; NaN counts as larger than everything. Gradients go back to where the elements came from. Same as
 * torch.sort.
 *
 * @example
 * const [values, indices] = tensor([3, 1, 2]).sort(); // tensor([1., 2., 3.]), tensor([1, 2, 0])
 */
export function sort(x: Tensor, options?: SortOptions): [values: Tensor, indices: Tensor];
export function sort(x: Tensor, dim: number, options?: SortOptions): [values: Tensor, indices: Tensor];
export function sort(x: Tensor, dim?: Dim<SortOptions>, options?: SortOptions): [values: Tensor, indices: Tensor] {
  return sortBoth(x, dim, options);
}

const sortBoth = composite((x: Tensor, dimOrOptions?: Dim<SortOptions>, options?: SortOptions): [Tensor, Tensor] => {
  const { places, from, dim } = sorted("sort", x, dimOrOptions, options);
  const values = readAlong(from, dim, places, places.shape, { caller: "sort" });
  return [toShape(values, x.shape), toShape(places, x.shape)];
});

/**
 * Gives the int32 places of the elements in sorted order along a dim, by default the last; see `sort`. No gradient: int32
 * has none. Same as torch.argsort.
 */
export function argsort(x: Tensor, options?: SortOptions): Tensor;
export function argsort(x: Tensor, dim: number, options?: SortOptions): Tensor;
export function argsort(x: Tensor, dim?: Dim<SortOptions>, options?: SortOptions): Tensor {
  return sortPlaces(x, dim, options);
}

const sortPlaces = composite((x: Tensor, dim?: Dim<SortOptions>, options?: SortOptions): Tensor =>
  toShape(sorted("argsort", x, dim, options).places, x.shape),
);

/** The options of `topk`. */
export interface TopkOptions {
  /** The largest elements; false for the smallest. Default true. */
  readonly largest?: boolean;
  /** Taken as PyTorch's; the result is always in order here. */
  readonly sorted?: boolean;
}

/**
 * Takes the k largest (or smallest) elements along a dim, by default the last, in order, and their places: [values,
 * indices]. NaN counts as larger than everything. Gradient: grad, where each element came from. Same as torch.topk.
 *
 * @throws ValueError when k is negative or more than there are.
 *
 * @example
 * const scores = randn([2, 10]);
 * const [values, indices] = scores.topk(5, 1); // the five best of each row
 */
export function topk(x: Tensor, k: number, options?: TopkOptions): [values: Tensor, indices: Tensor];
export function topk(x: Tensor, k: number, dim: number, options?: TopkOptions): [values: Tensor, indices: Tensor];
export function topk(
  x: Tensor,
  k: number,
  dim?: Dim<TopkOptions>,
  options?: TopkOptions,
): [values: Tensor, indices: Tensor] {
  return best(x, k, dim, options);
}

const best = composite(
  (x: Tensor, k: number, dimOrOptions?: Dim<TopkOptions>, more?: TopkOptions): [Tensor, Tensor] => {
    checkTensor("topk", x);
    if (x.dtype === "bool") throw new DTypeError("topk: not defined for bool", 'convert it with x.to("uint8")');
    const { dim, options } = given(dimOrOptions, more);
    checkOptions("topk", options, ["largest", "sorted"]);
    const d = checkDim("topk", dim, x.ndim);
    const from = x.ndim === 0 ? toShape(x, [1]) : x;
    if (!Number.isInteger(k) || k < 0 || k > from.shape[d]!) {
      throw new ValueError(
        `topk: k must be an integer from 0 to ${from.shape[d]!}, the size of dim ${d} of ${text(x.shape)}, got ${show(k)}`,
      );
    }
    const places = order(from, d, options?.largest ?? true, k);
    const values = readAlong(from, d, places, places.shape, { caller: "topk" });
    return x.ndim === 0 && k === 1 ? [toShape(values, []), toShape(places, [])] : [values, places];
  },
);
