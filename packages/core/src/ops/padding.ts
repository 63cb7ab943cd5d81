import { checkOptions, DTypeError, ShapeError, show, ValueError } from "../errors.js";
import { sizesOf, text } from "../shape.js";
import { composite, scalar, type Tensor } from "../tensor.js";
import { checkTensor } from "./define.js";
import { copied, flipped, joined, slice, toExpanded, unslice } from "./view.js";

/** The options of `pad`. */
export interface PadOptions {
  /** What stands outside: a constant, the mirrored elements, the outermost one, or the other end. Default "constant". */
  readonly mode?: "constant" | "reflect" | "replicate" | "circular";
  /** The constant. Default 0. */
  readonly value?: number | boolean;
}

type Side = (x: Tensor, dim: number, count: number, before: boolean) => Tensor;

/** What the modes put before or after `x`: `count` places along `dim`. */
const sides: Record<"reflect" | "replicate" | "circular", Side> = {
  // The outermost element is the mirror and is not repeated.
  reflect: (x, dim, count, before) => flipped(slice(x, dim, before ? 1 : x.shape[dim]! - 1 - count, count), [dim]),
  replicate: (x, dim, count, before) =>
    toExpanded(slice(x, dim, before ? 0 : x.shape[dim]! - 1, 1), x.shape.with(dim, count)),
  circular: (x, dim, count, before) => slice(x, dim, before ? x.shape[dim]! - count : 0, count),
};

/** How far a mode reaches beyond a dim of `size` elements. */
const reach = {
  reflect: (size: number): number => size - 1,
  replicate: (size: number): number => (size > 0 ? Infinity : 0),
  circular: (size: number): number => size,
};

type Pad = (x: Tensor, pad: readonly number[], options?: PadOptions) => Tensor;

/**
 * Adds elements around `x`: `pad` holds two numbers per dim, before and after, from the last dim on. Negative numbers cut
 * elements off. Gradient: grad without the elements around; those that were copied from x are added up there. Same as
 * torch.nn.functional.pad.
 *
 * @throws ShapeError when the numbers do not fit the dims, cut more than there is, or reach further than the mode can.
 *
 * @example
 * tensor([[1, 2]]).pad([1, 0, 0, 1]); // tensor([[0., 1., 2.], [0., 0., 0.]])
 * tensor([[1, 2, 3]]).pad([2, 1], { mode: "reflect" }); // tensor([[3., 2., 1., 2., 3., 2.]])
 */
export const pad: Pad = composite((x: Tensor, pad: readonly number[], options: PadOptions = {}): Tensor => {
  checkTensor("pad", x);
  checkOptions("pad", options, ["mode", "value"]);
  const { mode = "constant", value } = options;
  if (mode !== "constant" && !Object.hasOwn(sides, mode)) {
    throw new ValueError(`pad: unknown mode ${show(mode)}`, `one of "constant", "reflect", "replicate", "circular"`);
  }
  if (value !== undefined && typeof value !== "number" && typeof value !== "boolean")
    throw new DTypeError(`pad: value must be a number, got ${show(value)}`);
  if (mode !== "constant" && value !== undefined)
    throw new ValueError(`pad: the mode ${show(mode)} takes no value, got ${show(value)}`);
  const numbers = sizesOf("pad", [pad]);
  if (numbers.length % 2 !== 0 || numbers.length > 2 * x.ndim) {
    throw new ShapeError(
      `pad: needs two numbers for each of up to ${x.ndim} dims of ${text(x.shape)}, got ${show(pad)}`,
      "they go before and after, from the last dim on",
    );
  }
  let y = x;
  for (let i = 0; i < numbers.length; i += 2)
    y = padDim(y, x.ndim - 1 - i / 2, numbers[i]!, numbers[i + 1]!, mode, value);
  return y === x ? copied(x) : y;
});

function padDim(
  x: Tensor,
  dim: number,
  before: number,
  after: number,
  mode: NonNullable<PadOptions["mode"]>,
  value: number | boolean | undefined,
): Tensor {
  const cut = Math.max(0, -before);
  const size = x.shape[dim]! - cut - Math.max(0, -after);
  if (size < 0)
    throw new ShapeError(
      `pad: [${before}, ${after}] cuts more than the ${x.shape[dim]} elements of dim ${dim} of ${text(x.shape)}`,
    );
  const rest = slice(x, dim, cut, size);
  const first = Math.max(0, before);
  const last = Math.max(0, after);
  if (first === 0 && last === 0) return rest;
  if (mode === "constant") {
    if (value === undefined) return unslice(rest, dim, scalar(first, "int32", x.device), first + size + last);
    const number = scalar(x.dtype === "bool" ? Boolean(value) : value, x.dtype, x.device);
    return joinSides(rest, dim, first, last, (count) => toExpanded(number, x.shape.with(dim, count)));
  }
  if (Math.max(first, last) > reach[mode](size)) {
    throw new ShapeError(
      `pad: [${before}, ${after}] reaches further than the mode "${mode}" can from ${size} elements, dim ${dim} of ${text(x.shape)}`,
    );
  }
  return joinSides(rest, dim, first, last, (count, isBefore) => sides[mode](rest, dim, count, isBefore));
}

function joinSides(
  x: Tensor,
  dim: number,
  first: number,
  last: number,
  side: (count: number, before: boolean) => Tensor,
): Tensor {
  return joined([...(first > 0 ? [side(first, true)] : []), x, ...(last > 0 ? [side(last, false)] : [])], dim);
}
