import { ShapeError, show } from "../errors.js";
import { checkCount, checkDim, inferShape, type Shape, type Sizes, sizeOf, sizesOf, text } from "../shape.js";
import { composite, type Tensor } from "../tensor.js";
import { checkTensor } from "./define.js";
import { copied, flipped, joined, slice, toExpanded, toOrder, toShape, windows } from "./view.js";

/**
 * Gives the elements, in order, another shape of the same size; one size may be -1. Gradient: grad, in the shape of x.
 * Same as torch.reshape.
 */
export function reshape(x: Tensor, ...shape: Sizes): Tensor {
  checkTensor("reshape", x);
  return toShape(x, inferShape("reshape", x.shape, sizesOf("reshape", shape)));
}

/**
 * The same as `reshape`: there is no memory layout that it could fail for. Gradient: grad, in the shape of x. Same as
 * torch.Tensor.view.
 */
export function view(x: Tensor, ...shape: Sizes): Tensor {
  checkTensor("view", x);
  return toShape(x, inferShape("view", x.shape, sizesOf("view", shape)));
}

/**
 * Joins the dims from `startDim` to `endDim`, both included, into one; a 0-d tensor becomes [1]. Gradient: grad, in the
 * shape of x. Same as torch.flatten.
 *
 * @example
 * rand([10, 3, 32, 32]).flatten(1).shape; // [10, 3072]
 */
export function flatten(x: Tensor, startDim = 0, endDim = -1): Tensor {
  checkTensor("flatten", x);
  const first = checkDim("flatten", startDim, x.ndim);
  const last = checkDim("flatten", endDim, x.ndim);
  if (first > last)
    throw new ShapeError(`flatten: startDim ${startDim} comes after endDim ${endDim} in ${text(x.shape)}`);
  const { shape } = x;
  return toShape(x, [...shape.slice(0, first), sizeOf(shape.slice(first, last + 1)), ...shape.slice(last + 1)]);
}

/** Splits one dim into several; one of the sizes may be -1. Gradient: grad, in the shape of x. Same as torch.unflatten. */
export function unflatten(x: Tensor, dim: number, sizes: Shape): Tensor {
  checkTensor("unflatten", x);
  const d = checkDim("unflatten", dim, x.ndim);
  if (x.ndim === 0) throw new ShapeError("unflatten: a 0-d tensor has no dim to split", "write x.reshape([1])");
  const split = inferShape("unflatten", [x.shape[d]!], sizesOf("unflatten", [sizes]));
  if (split.length === 0)
    throw new ShapeError(`unflatten: needs at least one size for dim ${dim} of ${text(x.shape)}, got []`);
  return toShape(x, x.shape.toSpliced(d, 1, ...split));
}

/**
 * Puts the dims in another order: dim `i` of the result is dim `dims[i]` of the input. Gradient: grad, with its dims put
 * back. Same as torch.permute.
 */
export function permute(x: Tensor, ...dims: Sizes): Tensor {
  checkTensor("permute", x);
  const order = sizesOf("permute", dims).map((dim) => checkDim("permute", dim, x.ndim));
  if (order.length !== x.ndim || new Set(order).size !== order.length) {
    throw new ShapeError(`permute: needs each of the ${x.ndim} dims of ${text(x.shape)} once, got ${text(order)}`);
  }
  return toOrder(x, order);
}

/** Swaps two dims. Gradient: grad, with its dims put back. Same as torch.transpose. */
export function transpose(x: Tensor, dim0: number, dim1: number): Tensor {
  checkTensor("transpose", x);
  const a = checkDim("transpose", dim0, x.ndim);
  const b = checkDim("transpose", dim1, x.ndim);
  return a === b
    ? x
    : toOrder(
        x,
        x.shape.map((_, i) => (i === a ? b : i === b ? a : i)),
      );
}

/** Transposes a matrix; tensors of fewer dims stay as they are. Gradient: grad, with its dims put back. Same as torch.t. */
export function t(x: Tensor): Tensor {
  checkTensor("t", x);
  if (x.ndim > 2)
    throw new ShapeError(`t: takes up to 2 dims, got ${text(x.shape)}`, "did you mean x.transpose(-2, -1)?");
  return x.ndim === 2 ? toOrder(x, [1, 0]) : x;
}

/**
 * Moves dims to other places; the others keep their order. Gradient: grad, with its dims put back. Same as torch.movedim.
 */
export function movedim(
  x: Tensor,
  source: number | readonly number[],
  destination: number | readonly number[],
): Tensor {
  checkTensor("movedim", x);
  const from = [source].flat().map((dim) => checkDim("movedim", dim, x.ndim));
  const to = [destination].flat().map((dim) => checkDim("movedim", dim, x.ndim));
  if (from.length !== to.length || new Set(from).size !== from.length || new Set(to).size !== to.length) {
    throw new ShapeError(
      `movedim: needs as many different sources as destinations, got ${show(source)} and ${show(destination)}`,
    );
  }
  const order = x.shape.map((_, dim) => dim).filter((dim) => !from.includes(dim));
  const pairs = from.map((dim, i): [number, number] => [to[i]!, dim]).sort((a, b) => a[0] - b[0]);
  if (x.ndim > 0) for (const [place, dim] of pairs) order.splice(place, 0, dim);
  return toOrder(x, order);
}

/**
 * Drops dims of size 1: all of them, or those given; a dim of another size stays. Gradient: grad, in the shape of x. Same
 * as torch.squeeze.
 */
export function squeeze(x: Tensor, dim?: number | readonly number[]): Tensor {
  checkTensor("squeeze", x);
  const dims = dim === undefined ? null : [dim].flat().map((d) => checkDim("squeeze", d, x.ndim));
  if (dims !== null && new Set(dims).size !== dims.length)
    throw new ShapeError(`squeeze: a dim appears twice in ${show(dim)}`);
  return toShape(
    x,
    x.shape.filter((size, i) => size !== 1 || (dims !== null && !dims.includes(i))),
  );
}

/** Adds a dim of size 1 before `dim`, which runs to `ndim`. Gradient: grad, in the shape of x. Same as torch.unsqueeze. */
export function unsqueeze(x: Tensor, dim: number): Tensor {
  checkTensor("unsqueeze", x);
  return toShape(x, x.shape.toSpliced(checkDim("unsqueeze", dim, x.ndim + 1), 0, 1));
}

/**
 * Repeats dims of size 1 without copying, and adds dims in front; -1 keeps a size. Gradient: grad, summed over the dims
 * that were repeated. Same as torch.Tensor.expand.
 */
export function expand(x: Tensor, ...shape: Sizes): Tensor {
  checkTensor("expand", x);
  return expanded("expand", x, sizesOf("expand", shape));
}

/**
 * Expands to another tensor's shape. Gradient: grad, summed over the dims that were repeated. Same as
 * torch.Tensor.expand_as.
 */
export function expandAs(x: Tensor, other: Tensor): Tensor {
  checkTensor("expandAs", x);
  checkTensor("expandAs", other);
  return expanded("expandAs", x, other.shape);
}

function expanded(where: string, x: Tensor, target: Shape): Tensor {
  const lead = target.length - x.ndim;
  const out = target.map((size, i) => (size === -1 && i >= lead ? x.shape[i - lead]! : size));
  if (
    lead < 0 ||
    out.some((size, i) => size < 0 || (i >= lead && x.shape[i - lead] !== 1 && x.shape[i - lead] !== size))
  ) {
    throw new ShapeError(
      `${where}: ${text(x.shape)} does not expand to ${text(target)}`,
      "only sizes of 1 expand; new dims go in front",
    );
  }
  return toExpanded(x, out);
}

/**
 * Shows the windows of `size` elements along `dim` that begin every `step` elements: `dim` counts them, and a new last
 * dim holds their elements. What is left over at the end is not shown. Gradient: what all windows say of an element,
 * summed. Same as torch.Tensor.unfold.
 *
 * @throws ShapeError when the dim has fewer elements than a window.
 *
 * @example
 * arange(5).unfold(0, 3, 1); // tensor([[0, 1, 2], [1, 2, 3], [2, 3, 4]])
 */
export const unfold: (x: Tensor, dim: number, size: number, step: number) => Tensor = composite(
  (x: Tensor, dim: number, size: number, step: number) => {
    checkTensor("unfold", x);
    const d = checkDim("unfold", dim, x.ndim);
    checkCount("unfold", "size", size, 1);
    checkCount("unfold", "step", step, 1);
    const length = x.ndim === 0 ? 1 : x.shape[d]!;
    if (size > length)
      throw new ShapeError(
        `unfold: a window of ${size} elements is larger than dim ${dim} of ${text(x.shape)}, which has ${length}`,
        "take a smaller window, or add elements with x.pad",
      );
    if (x.ndim === 0) return toShape(x, [1]);
    const shown = windows(x, d, size, step);
    const order = shown.shape.map((_, i) => i);
    order.push(...order.splice(d + 1, 1));
    return toOrder(shown, order);
  },
);

/**
 * Returns the tensor: all tensors are contiguous here. Lets PyTorch code run as it is. Gradient: grad. Same as
 * torch.Tensor.contiguous.
 */
export function contiguous(x: Tensor): Tensor {
  checkTensor("contiguous", x);
  return x;
}

/** Reverses the order of the elements along dims. Gradient: grad, reversed again. Same as torch.flip. */
export function flip(x: Tensor, ...dims: Sizes): Tensor {
  checkTensor("flip", x);
  const list = sizesOf("flip", dims).map((dim) => checkDim("flip", dim, x.ndim));
  if (new Set(list).size !== list.length) throw new ShapeError(`flip: a dim appears twice in ${text(list)}`);
  return list.length === 0 || x.ndim === 0 ? copied(x) : flipped(x, list);
}

type Roll = (x: Tensor, shifts: number | readonly number[], dims?: number | readonly number[]) => Tensor;

/**
 * Shifts elements along dims; what leaves at one end comes back at the other. Without dims, shifts through all elements in
 * order. Gradient: grad, shifted back. Same as torch.roll.
 *
 * @example
 * arange(5).roll(1); // tensor([4, 0, 1, 2, 3])
 */
export const roll: Roll = composite(
  (x: Tensor, shifts: number | readonly number[], dims?: number | readonly number[]): Tensor => {
    checkTensor("roll", x);
    const by = sizesOf("roll", [[shifts].flat()]);
    if (dims === undefined && by.length === 1)
      return copied(toShape(rolled(toShape(x, [x.numel()]), by[0]!, 0), x.shape));
    const along = dims === undefined ? [] : [dims].flat().map((dim) => checkDim("roll", dim, x.ndim));
    if (by.length !== along.length || by.length === 0) {
      throw new ShapeError(
        `roll: ${by.length} shifts for ${along.length} dims of ${text(x.shape)}`,
        "give one shift per dim, or a single shift without dims",
      );
    }
    return copied(x.ndim === 0 ? x : along.reduce((y, dim, i) => rolled(y, by[i]!, dim), x));
  },
);

/** A window of two copies in a row: where it starts is a run-time number, so another shift is the same Program. */
function rolled(x: Tensor, by: number, dim: number): Tensor {
  const size = x.shape[dim]!;
  if (size === 0) return x;
  return slice(joined([x, x], dim), dim, ((-by % size) + size) % size, size);
}
