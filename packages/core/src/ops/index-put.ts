import { isFloat } from "../dtype.js";
import { checkOptions, DTypeError, IndexError, ShapeError, show, ValueError } from "../errors.js";
import { broadcast, sameShape, type Shape, text } from "../shape.js";
import { composite, scalar, Tensor } from "../tensor.js";
import { cast } from "./cast.js";
import { where } from "./where.js";
import { checkTensor } from "./define.js";
import { iota, readAlong, writeAlong } from "./index-access.js";
import { checkValue, type Value } from "./operand.js";
import { type Index, type Item, parse, subscript } from "./subscript.js";
import { toExpanded, toShape } from "./view.js";

/** The options of `indexPut`. */
export interface IndexPutOptions {
  /** Add to what is there instead of overwriting; places that are named twice get both. */
  readonly accumulate?: boolean;
}

type IndexPut = (x: Tensor, indices: readonly Index[], value: Value, options?: IndexPutOptions) => Tensor;

/**
 * Gives a copy of x in which x[…] is `value`: the array holds what `at` takes, and the value broadcasts to the shape of
 * x[…]. The in-place form, `x.indexPut_([…], value)`, is Python's `x[…] = value`. With a mask the value must be the same
 * for all that it selects. Where a place is named twice, the last value stays. Gradients flow to the value, and to what
 * x keeps. Same as torch.index_put, for all of Python's subscripts.
 *
 * @throws IndexError for indices out of range; ShapeError for a value that does not broadcast; DTypeError for a float
 * value in an integer tensor.
 *
 * @example
 * const x = randn([6, 3]);
 * x.indexPut_([0], 1); // x[0] = 1
 * x.indexPut_([range(1, 3), -1], tensor([4, 5])); // x[1:3, -1] = torch.tensor([4, 5])
 * x.indexPut_([x.lt(0)], 0); // x[x < 0] = 0
 * x.indexPut_([[2, 2, 5]], 1, { accumulate: true }); // a histogram
 */
export const indexPut: IndexPut = composite(
  (x: Tensor, indices: readonly Index[], value: Value, options: IndexPutOptions = {}) => {
    checkTensor("indexPut", x);
    checkOptions("indexPut", options, ["accumulate"]);
    if (!Array.isArray(indices)) {
      throw new IndexError(
        `indexPut: the indices must be in an array, got ${show(indices)}`,
        "write x.indexPut_([0, range(1, 3)], value) for x[0, 1:3] = value",
      );
    }
    const items = parse("indexPut", x, indices);
    const source = sourceOf(x, value);
    const add = options.accumulate ?? false;
    return items.some((item) => item.kind === "mask") ? putMasked(x, items, source, add) : put(x, items, source, add);
  },
);

/** The value in x's dtype, without sizes of 1 in front. */
function sourceOf(x: Tensor, value: Value): Tensor {
  checkValue("indexPut", value);
  if (!(value instanceof Tensor)) {
    return scalar(x.dtype === "bool" ? value !== 0 && value !== false : value, x.dtype, x.device);
  }
  if ((isFloat(value.dtype) && !isFloat(x.dtype)) || (x.dtype === "bool" && value.dtype !== "bool")) {
    throw new DTypeError(
      `indexPut: a ${value.dtype} value for a ${x.dtype} tensor`,
      `convert it: value.to("${x.dtype}")`,
    );
  }
  return cast(value, x.dtype);
}

/** Brings the value to the shape of x[…]; as in PyTorch it may have sizes of 1 in front. */
function fitted(source: Tensor, shape: Shape): Tensor {
  let extra = 0;
  while (source.ndim - extra > shape.length && source.shape[extra] === 1) extra++;
  const value = toShape(source, source.shape.slice(extra));
  if (value.ndim > shape.length || !sameShape(broadcast("indexPut", value.shape, shape), shape)) {
    throw new ShapeError(
      `indexPut: a value of shape ${text(source.shape)} does not broadcast to x[…] of shape ${text(shape)}`,
    );
  }
  return toExpanded(value, shape);
}

/** The places, in flattened x, of the elements of x[…]: what `at` reads from 0, 1, 2, …. */
const placesOf = (x: Tensor, items: readonly Item[]): Tensor =>
  subscript("indexPut", toShape(iota(x.numel(), x.device), x.shape), items);

const flat = (x: Tensor): Tensor => toShape(x, [x.numel()]);

function put(x: Tensor, items: readonly Item[], source: Tensor, add: boolean): Tensor {
  const places = placesOf(x, items);
  const values = flat(fitted(source, places.shape));
  return toShape(writeAlong(flat(x), 0, flat(places), values, add, { caller: "indexPut", named: -1 }), x.shape);
}

/** Where the mask is true, the value; elsewhere what was there. So the shape does not depend on the mask's values. */
function putMasked(x: Tensor, items: readonly Item[], source: Tensor, add: boolean): Tensor {
  const masks = items.filter((item) => item.kind === "mask");
  if (masks.length > 1 || items.some((item) => item.kind === "list")) {
    throw new ValueError(
      "indexPut: a mask cannot stand beside index tensors or another mask",
      "turn it into positions first: const rows = (await mask.nonzero()).at(range(), 0)",
    );
  }
  // x[…] with the dims of the mask left as they are.
  const open = items.flatMap((item): Item[] =>
    item.kind !== "mask"
      ? [item]
      : item.mask.shape.map((length, i) => ({ kind: "range", dim: item.dim + i, start: 0, length, step: 1 })),
  );
  const at = items.findIndex((item) => item.kind === "mask");
  const stays = (item: Item): boolean => item.kind === "range" || item.kind === "axis";
  const after = items.slice(at + 1).filter(stays).length;
  const { mask } = masks[0]!;
  const places = placesOf(x, open);
  const cond = toShape(mask, [...mask.shape, ...new Array<number>(after).fill(1)]);
  const value = fitted(aroundMask(source, mask, after), places.shape);
  const old = toShape(
    readAlong(flat(x), 0, flat(places), [places.numel()], { caller: "indexPut", named: -1 }),
    places.shape,
  );
  const fresh = where(cond, add ? old.add(value) : value, old);
  return toShape(writeAlong(flat(x), 0, flat(places), flat(fresh), false, { caller: "indexPut", named: -1 }), x.shape);
}

/** In x[…] the mask's dims are one, whose size nobody knows yet: there the value must have size 1, or no dim. */
function aroundMask(source: Tensor, mask: Tensor, after: number): Tensor {
  const dim = source.ndim - after - 1;
  if (dim < 0) return source;
  if (source.shape[dim] !== 1) {
    throw new ShapeError(
      `indexPut: with a mask the value must be the same for every element that it selects; this one has shape ${text(source.shape)}`,
      "write where(mask, values, x) with values of x's shape, or use positions from await mask.nonzero()",
    );
  }
  return toShape(source, source.shape.toSpliced(dim, 1, ...mask.shape.map(() => 1)));
}
