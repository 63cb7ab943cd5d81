import { checkOptions, ShapeError, show, ValueError } from "../../errors.js";
import { zeros } from "../../creation.js";
import { checkCount, sameShape, text } from "../../shape.js";
import { composite, scalar, Tensor } from "../../tensor.js";
import { checkFloat, checkTensor } from "../define.js";
import { toShape } from "../view.js";
import { where } from "../where.js";

/** The options of `histc`. */
export interface HistcOptions {
  /** How many bins. Default 100. */
  readonly bins?: number;
  /** Where the first bin begins. With `max` equal, both are the elements' own. Default 0. */
  readonly min?: number;
  /** Where the last bin ends, which it includes. Default 0. */
  readonly max?: number;
}

/**
 * Counts the elements in bins of equal width, in x's dtype; what lies outside, and NaN, counts nowhere. Has no gradient.
 * Same as torch.histc.
 *
 * @example
 * histc(tensor([1, 2, 1]), { bins: 4, min: 0, max: 3 }); // tensor([0., 2., 1., 0.])
 */
export const histc: (x: Tensor, options?: HistcOptions) => Tensor = composite(
  (x: Tensor, options: HistcOptions = {}) => {
    checkFloat("histc", x);
    checkOptions("histc", options, ["bins", "min", "max"]);
    const { bins = 100, min = 0, max = 0 } = options;
    checkCount("histc", "bins", bins, 1);
    if (!(min <= max)) throw new ValueError(`histc: max must not be less than min, got ${show(max)} and ${show(min)}`);
    const flat = toShape(x.detach(), [x.numel()]);
    const counts = zeros([bins], { dtype: x.dtype, device: x.device });
    if (x.numel() === 0) return counts;
    const own = min === max;
    const number = (value: number): Tensor => scalar(value, x.dtype, x.device);
    const [least, most] = own ? [flat.amin(), flat.amax()] : [number(min), number(max)];
    const flatRange = least.eq(most);
    const low = where(flatRange, least.sub(1), least);
    const high = where(flatRange, most.add(1), most);
    const inside = flat.ge(low).logicalAnd(flat.le(high));
    const bin = flat
      .sub(low)
      .div(high.sub(low))
      .mul(bins)
      .floor()
      .clamp(0, bins - 1);
    return counts.scatterAdd(0, where(inside, bin, 0).to("int32"), inside.to(x.dtype));
  },
);

/**
 * Tells which elements are among the test elements. No gradient: bools have none. Same as torch.isin.
 *
 * @example
 * isin(tensor([1, 2, 3]), tensor([2, 4])); // tensor([false,  true, false])
 */
export const isin: (
  elements: Tensor,
  testElements: Tensor | number,
  options?: { readonly assumeUnique?: boolean; readonly invert?: boolean },
) => Tensor = composite(
  (x: Tensor, test: Tensor | number, options: { readonly assumeUnique?: boolean; readonly invert?: boolean } = {}) => {
    checkTensor("isin", x);
    checkOptions("isin", options, ["assumeUnique", "invert"]);
    const found =
      test instanceof Tensor
        ? x
            .unsqueeze(-1)
            .eq(test.reshape([-1]))
            .any(-1)
        : x.eq(test);
    return options.invert === true ? found.logicalNot() : found;
  },
);

/** The options of `searchsorted` and `bucketize`. */
export interface SearchOptions {
  /** The place after equal elements, not before them. Default false. */
  readonly right?: boolean;
  /** PyTorch's other word for it. */
  readonly side?: "left" | "right";
}

/**
 * Finds where values would go into a sorted sequence to keep it sorted: int32 places. A vector serves all values; else the
 * leading dims are those of the values. No gradient: int32 has none. Same as torch.searchsorted.
 *
 * @example
 * searchsorted(tensor([1, 3, 5]), tensor([3, 6])); // tensor([1, 3])
 */
export const searchsorted: (sorted: Tensor, values: Tensor | number, options?: SearchOptions) => Tensor = composite(
  (sorted: Tensor, values: Tensor | number, options: SearchOptions = {}) => {
    checkTensor("searchsorted", sorted);
    checkOptions("searchsorted", options, ["right", "side"]);
    const { side = "left" } = options;
    const right = options.right ?? side === "right";
    if (!["left", "right"].includes(side) || (options.right === true && options.side === "left"))
      throw new ValueError(
        `searchsorted: side must be "left" or "right", and agree with right, got ${show(side)} and ${show(right)}`,
      );
    const asked = values instanceof Tensor ? values : scalar(values, sorted.dtype, sorted.device);
    const lead = sorted.shape.slice(0, -1);
    if (sorted.ndim === 0 || (sorted.ndim > 1 && !sameShape(lead, asked.shape.slice(0, -1))))
      throw new ShapeError(
        `searchsorted: the sequence must be a vector or have the leading dims of the values, got ${text(sorted.shape)} and ${text(asked.shape)}`,
      );
    const from = sorted.detach().unsqueeze(-2);
    const value = asked.detach().unsqueeze(-1);
    // NaN sorts last: all numbers lie before it, and on its right other NaNs too.
    const before = right
      ? from.le(value).logicalOr(value.ne(value))
      : from.lt(value).logicalOr(value.ne(value).logicalAnd(from.eq(from)));
    return toShape(before.sum(-1), asked.shape);
  },
);

/**
 * Finds the bucket of each value between sorted boundaries; see `searchsorted`. No gradient: int32 has none. Same as
 * torch.bucketize.
 */
export const bucketize: (x: Tensor, boundaries: Tensor, options?: { readonly right?: boolean }) => Tensor = composite(
  (x: Tensor, boundaries: Tensor, options: { readonly right?: boolean } = {}) => {
    checkTensor("bucketize", x);
    checkTensor("bucketize", boundaries);
    checkOptions("bucketize", options, ["right"]);
    if (boundaries.ndim !== 1)
      throw new ShapeError(`bucketize: boundaries must be a vector, got ${text(boundaries.shape)}`);
    return searchsorted(boundaries, x, options);
  },
);
