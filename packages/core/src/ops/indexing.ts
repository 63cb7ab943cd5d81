import { checkOptions, DTypeError, ShapeError, show, ValueError } from "../errors.js";
import type { IndexCaller } from "../program/index-caller.js";
import { checkDim, type Shape, text } from "../shape.js";
import { composite, scalar, Tensor } from "../tensor.js";
import { checkTensor } from "./define.js";
import { checkIndex, readAlong, writeAlong } from "./index-access.js";
import { slice, toExpanded, toShape } from "./view.js";
import { where } from "./where.js";

/** A 0-d tensor as its one element in a row: indexing counts it as 1-D. */
const lift = (x: Tensor): Tensor => (x.ndim === 0 ? toShape(x, [1]) : x);

/** Sizes of 1 around the dim that an index runs along. */
const column = (index: Tensor, dim: number, rank: number): Tensor =>
  toShape(index, [index.numel(), ...new Array<number>(rank - dim - 1).fill(1)]);

/** Checks that an index, or a source, has as many dims as x and is no longer in the dims where it must not be. */
function checkFits(where: string, name: string, a: Shape, than: string, b: Shape, except: number): void {
  const hint = `${name} needs as many dims as ${than}, and no larger sizes${except < 0 ? "" : ` but in dim ${except}`}`;
  if (a.length !== b.length) {
    throw new ShapeError(
      `${where}: ${name} has shape ${text(a)}, ${than} ${text(b)}: ${a.length} and ${b.length} dims`,
      hint,
    );
  }
  a.forEach((size, i) => {
    if (i !== except && size > b[i]!) {
      throw new ShapeError(`${where}: ${name} of shape ${text(a)} is larger than ${than} ${text(b)} in dim ${i}`, hint);
    }
  });
}

function checkSameDType(where: string, x: Tensor, src: Tensor): void {
  if (x.dtype !== src.dtype) {
    throw new DTypeError(
      `${where}: the tensor is ${x.dtype}, the source ${src.dtype}`,
      `convert one of them, for example source.to("${x.dtype}")`,
    );
  }
}

/**
 * Takes elements along `dim` at the places in `index`: out[i][j] = x[index[i][j]][j] for dim 0. The result has the shape
 * of `index`, which has as many dims as x and may be smaller in the others. Gradients add up where a place is taken
 * twice. Same as torch.gather.
 *
 * @throws IndexError when a value of `index` is not in 0..size-1; DTypeError when it is not int32.
 *
 * @example
 * const logits = randn([2, 3]);
 * const labels = tensor([2, 0], { dtype: "int32" });
 * const scores = logits.gather(1, labels.unsqueeze(1)); // logits[i][labels[i]]
 */
export const gather: (x: Tensor, dim: number, index: Tensor) => Tensor = composite(
  (x: Tensor, dim: number, index: Tensor) => {
    checkTensor("gather", x);
    checkIndex("gather", index);
    const d = checkDim("gather", dim, x.ndim);
    const from = lift(x);
    const places = lift(index);
    checkFits("gather", "index", places.shape, "the tensor", from.shape, d);
    return toShape(readAlong(from, d, places, places.shape, { caller: "gather" }), index.shape);
  },
);

/** The options of `scatter`. */
export interface ScatterOptions {
  /** `"add"`: add to what is there, as `scatterAdd` does. */
  readonly reduce?: "add";
}

type Scatter = (
  x: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor | number | boolean,
  options?: ScatterOptions,
) => Tensor;

/**
 * Gives a copy of x with elements of `src`, or a number, written along `dim` at the places in `index`: out[index[i][j]][j]
 * = src[i][j] for dim 0. `index` has as many dims as x and `src` and is nowhere larger than `src`. Where a place is
 * written twice, the last write stays. Gradients: grad where x stayed, and to `src` grad at the place that it was written
 * to. Same as torch.scatter.
 *
 * @throws IndexError when a value of `index` is not in 0..size-1; DTypeError for an index that is not int32, or a source
 * of another dtype than x.
 */
export const scatter: Scatter = composite(
  (x: Tensor, dim: number, index: Tensor, src: Tensor | number | boolean, options: ScatterOptions = {}) => {
    checkOptions("scatter", options, ["reduce"]);
    const reduce: unknown = options.reduce;
    if (reduce !== undefined && reduce !== "add") {
      throw new ValueError(`scatter: unknown reduce ${show(reduce)}`, 'it takes "add", or nothing to overwrite');
    }
    return scattered("scatter", x, dim, index, src, reduce === "add");
  },
);

/**
 * Gives a copy of x with elements of `src` added along `dim` at the places in `index`: out[index[i][j]][j] += src[i][j]
 * for dim 0. Integers wrap. Gradients: grad, and to `src` grad at the places in `index`. Same as torch.scatter_add.
 */
export const scatterAdd: (x: Tensor, dim: number, index: Tensor, src: Tensor) => Tensor = composite(
  (x: Tensor, dim: number, index: Tensor, src: Tensor) => {
    if (!(src instanceof Tensor)) {
      throw new DTypeError(
        `scatterAdd: the source must be a tensor, got ${show(src)}`,
        'for a number write scatter(dim, index, number, { reduce: "add" })',
      );
    }
    return scattered("scatterAdd", x, dim, index, src, true);
  },
);

function scattered(
  caller: IndexCaller,
  x: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor | number | boolean,
  adds: boolean,
): Tensor {
  checkTensor(caller, x);
  checkIndex(caller, index);
  const d = checkDim(caller, dim, x.ndim);
  const to = lift(x);
  const places = lift(index);
  checkFits(caller, "index", places.shape, "the tensor", to.shape, d);
  let values: Tensor;
  if (src instanceof Tensor) {
    checkSameDType(caller, x, src);
    values = lift(src);
    checkFits(caller, "index", places.shape, "the source", values.shape, -1);
    places.shape.forEach((size, i) => (values = slice(values, i, 0, size)));
  } else {
    values = scalar(checkNumber(caller, x, src), x.dtype, x.device);
  }
  return toShape(writeAlong(to, d, places, values, adds, { caller }), x.shape);
}

function checkNumber(where: string, x: Tensor, value: unknown): number {
  if (typeof value !== "number" && typeof value !== "boolean") {
    throw new DTypeError(`${where}: expects a tensor or a number, got ${show(value)}`);
  }
  if (x.dtype === "bool") return Number(value !== 0 && value !== false);
  return Number(value);
}

/**
 * Takes whole slices along `dim`: the rows, columns, … that the 1-D `index` names. Gradient: grad added up at the slices
 * it was taken from. Same as torch.index_select.
 *
 * @throws IndexError when a value of `index` is not in 0..size-1; DTypeError when it is not int32.
 */
export const indexSelect: (x: Tensor, dim: number, index: Tensor) => Tensor = composite(
  (x: Tensor, dim: number, index: Tensor) => {
    checkTensor("indexSelect", x);
    const d = checkRow("indexSelect", x, dim, index);
    const from = lift(x);
    const out = readAlong(from, d, column(index, d, from.ndim), from.shape.with(d, index.numel()), {
      caller: "indexSelect",
    });
    return x.ndim === 0 && index.numel() === 1 ? toShape(out, []) : out;
  },
);

/** Checks an index of whole slices, and returns the dim. */
function checkRow(where: string, x: Tensor, dim: number, index: Tensor): number {
  checkIndex(where, index);
  if (index.ndim > 1) {
    throw new ShapeError(
      `${where}: the index must have 1 dim, got ${text(index.shape)}`,
      "for any shape of index use x.at(…), gather or take",
    );
  }
  return checkDim(where, dim, x.ndim);
}

type IndexAdd = (x: Tensor, dim: number, index: Tensor, src: Tensor, options?: { readonly alpha?: number }) => Tensor;

/**
 * Gives a copy of x with the slices of `src`, times `alpha`, added along `dim` at the places in the 1-D `index`.
 * Gradients: grad, and to `src` alpha · grad at the places in `index`. Same as torch.index_add.
 *
 * @throws ShapeError when `src` differs from x in another dim, or from `index` in number.
 */
export const indexAdd: IndexAdd = composite(
  (x: Tensor, dim: number, index: Tensor, src: Tensor, options: { readonly alpha?: number } = {}) => {
    checkTensor("indexAdd", x);
    checkTensor("indexAdd", src);
    checkOptions("indexAdd", options, ["alpha"]);
    const d = checkRow("indexAdd", x, dim, index);
    checkSameDType("indexAdd", x, src);
    const to = lift(x);
    const from = lift(src);
    const wanted = to.shape.with(d, index.numel());
    if (from.ndim !== to.ndim || from.shape.some((size, i) => size !== wanted[i])) {
      throw new ShapeError(
        `indexAdd: the source has shape ${text(src.shape)}, but ${index.numel()} slices of ${text(x.shape)} along dim ${d} have ${text(wanted)}`,
      );
    }
    const { alpha } = options;
    const scaled = alpha === undefined ? from : from.mul(alpha);
    if (scaled.dtype !== x.dtype) {
      throw new DTypeError(`indexAdd: alpha must be an integer for ${x.dtype} tensors, got ${show(alpha)}`);
    }
    return toShape(writeAlong(to, d, column(index, d, to.ndim), scaled, true, { caller: "indexAdd" }), x.shape);
  },
);

type IndexFill = (x: Tensor, dim: number, index: Tensor, value: Tensor | number | boolean) => Tensor;

/**
 * Gives a copy of x with the slices along `dim` that the 1-D `index` names set to a number or 0-d tensor. Gradients: grad
 * where x stayed, and to a 0-d tensor the sum of the rest. Same as torch.index_fill.
 */
export const indexFill: IndexFill = composite(
  (x: Tensor, dim: number, index: Tensor, value: Tensor | number | boolean) => {
    checkTensor("indexFill", x);
    const d = checkRow("indexFill", x, dim, index);
    if (value instanceof Tensor) {
      if (value.ndim > 0) {
        throw new ShapeError(`indexFill: the value must be a number or a 0-d tensor, got ${text(value.shape)}`);
      }
      checkSameDType("indexFill", x, value);
    }
    // A mask, not a write of the value: its gradient counts an element once, however often the index names it.
    const off = toExpanded(scalar(false, "bool", x.device), [x.ndim === 0 ? 1 : x.shape[d]!]);
    const named = writeAlong(off, 0, toShape(index, [index.numel()]), scalar(true, "bool", x.device), false, {
      caller: "indexFill",
      named: d,
    });
    const mask = x.ndim === 0 ? toShape(named, []) : column(named, d, x.ndim);
    return where(
      mask,
      value instanceof Tensor ? value : scalar(checkNumber("indexFill", x, value), x.dtype, x.device),
      x,
    );
  },
);

/**
 * Takes elements by their place in the flattened tensor; the result has the shape of `index`. Negative places count from
 * the end. Gradient: grad added up at the places it was taken from. Same as torch.take.
 */
export const take: (x: Tensor, index: Tensor) => Tensor = composite((x: Tensor, index: Tensor) => {
  checkTensor("take", x);
  checkIndex("take", index);
  const flat = toShape(x, [x.numel()]);
  const places = toShape(index, [index.numel()]);
  return toShape(readAlong(flat, 0, places, places.shape, { caller: "take", wrap: true, named: -1 }), index.shape);
});
