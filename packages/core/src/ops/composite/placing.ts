import { checkOptions, IndexError, ShapeError, show, ValueError } from "../../errors.js";
import { checkDim, sameShape, text } from "../../shape.js";
import { composite, scalar, type Tensor } from "../../tensor.js";
import { checkTensor } from "../define.js";
import { iota } from "../index-access.js";
import { pad } from "../padding.js";
import { placed, slice, toExpanded, toShape } from "../view.js";
import { where } from "../where.js";
import { onesLike } from "../../creation.js";

/** 0, 1, 2 ... along a dim of a shape, of size 1 in the others. */
function placesAlong(x: Tensor, dim: number): Tensor {
  return toShape(
    iota(x.shape[dim]!, x.device),
    x.shape.map((size, i) => (i === dim ? size : 1)),
  );
}

function checkFit(name: string, src: Tensor, shape: readonly number[]): void {
  if (!sameShape(src.shape, shape))
    throw new ShapeError(`${name}: what is put there must be ${text(shape)}, got ${text(src.shape)}`);
}

function placeOf(name: string, x: Tensor, dim: number, index: number): number {
  const size = x.shape[dim]!;
  if (!Number.isInteger(index) || index < -size || index >= size)
    throw new IndexError(`${name}: index ${show(index)} is out of range for dim ${dim} of ${text(x.shape)}`);
  return index < 0 ? index + size : index;
}

/**
 * Takes what stands at one index of a dim, without that dim. Gradient: grad at the elements taken, else 0. Same as
 * torch.select.
 */
export const select: (x: Tensor, dim: number, index: number) => Tensor = composite(
  (x: Tensor, dim: number, index: number) => {
    checkTensor("select", x);
    const d = checkDim("select", dim, x.ndim);
    if (x.ndim === 0) throw new ShapeError("select: a 0-d tensor has no dim to take from");
    return toShape(slice(x, d, placeOf("select", x, d, index), 1), x.shape.toSpliced(d, 1));
  },
);

/**
 * Gives x with `src` at one index of a dim. Gradients: grad where x stayed, and to `src` grad where it stands. Same as
 * torch.select_scatter.
 */
export const selectScatter: (x: Tensor, src: Tensor, dim: number, index: number) => Tensor = composite(
  (x: Tensor, src: Tensor, dim: number, index: number) => {
    checkTensor("selectScatter", x);
    checkTensor("selectScatter", src);
    const d = checkDim("selectScatter", dim, x.ndim);
    checkFit("selectScatter", src, x.shape.toSpliced(d, 1));
    const at = placeOf("selectScatter", x, d, index);
    return where(placesAlong(x, d).eq(at), src.to(x.dtype).unsqueeze(d), x);
  },
);

/** The options of `sliceScatter`. */
export interface SliceScatterOptions {
  readonly start?: number;
  readonly end?: number;
  readonly step?: number;
}

/**
 * Gives x with `src` at a slice of a dim. Gradients: grad where x stayed, and to `src` grad where it stands. Same as
 * torch.slice_scatter.
 */
export const sliceScatter: (x: Tensor, src: Tensor, dim?: number, options?: SliceScatterOptions) => Tensor = composite(
  (x: Tensor, src: Tensor, dim = 0, options: SliceScatterOptions = {}) => {
    checkTensor("sliceScatter", x);
    checkTensor("sliceScatter", src);
    checkOptions("sliceScatter", options, ["start", "end", "step"]);
    const d = checkDim("sliceScatter", dim, x.ndim);
    const size = x.shape[d]!;
    const { start = 0, end = size, step = 1 } = options;
    if (!Number.isInteger(step) || step < 1)
      throw new ValueError(`sliceScatter: step must be a positive integer, got ${show(step)}`);
    const [from, to] = [start, end].map((place) => Math.min(Math.max(place < 0 ? place + size : place, 0), size)) as [
      number,
      number,
    ];
    const length = Math.max(0, Math.ceil((to - from) / step));
    checkFit("sliceScatter", src, x.shape.with(d, length));
    if (length === 0) return x.clone();
    const there = placed(onesLike(src, { dtype: "int32" }), d, from, size, step);
    return where(there.ne(0), placed(src.to(x.dtype), d, from, size, step), x);
  },
);

type DiagEmbed = (x: Tensor, offset?: number, dim1?: number, dim2?: number) => Tensor;

/**
 * Puts the last dim on the diagonal of matrices, with zeros elsewhere; `dim1` and `dim2` are the matrices' dims in the
 * result. Gradient: the diagonals of grad. Same as torch.diag_embed.
 *
 * @example
 * diagEmbed(tensor([1, 2])); // tensor([[1., 0.], [0., 2.]])
 */
export const diagEmbed: DiagEmbed = composite((x: Tensor, offset = 0, dim1 = -2, dim2 = -1) => {
  checkTensor("diagEmbed", x);
  if (x.ndim === 0) throw new ShapeError("diagEmbed: needs one dim or more, got []");
  if (!Number.isInteger(offset)) throw new ValueError(`diagEmbed: offset must be an integer, got ${show(offset)}`);
  const [a, b] = [checkDim("diagEmbed", dim1, x.ndim + 1), checkDim("diagEmbed", dim2, x.ndim + 1)];
  if (a === b) throw new ShapeError(`diagEmbed: needs two different dims, got ${dim1} and ${dim2}`);
  const matrices = diagonals(x, offset);
  return matrices.movedim([-2, -1], [a, b]);
});

/** Matrices with x on a diagonal: x is spread along rows (or columns, below the main diagonal), and shows where they cross. */
function diagonals(x: Tensor, offset: number): Tensor {
  const size = x.shape.at(-1)! + Math.abs(offset);
  const along = pad(x, [0, Math.abs(offset)]);
  const places = iota(size, x.device);
  const crosses = places.sub(places.unsqueeze(1)).eq(offset); // column - row
  return where(crosses, offset < 0 ? along.unsqueeze(-2) : along.unsqueeze(-1), scalar(0, x.dtype, x.device));
}

/**
 * Makes the matrix with the flattened tensor on its diagonal. Gradient: the diagonal of grad, in the shape of x. Same as
 * torch.diagflat.
 */
export const diagflat: (x: Tensor, offset?: number) => Tensor = composite((x: Tensor, offset = 0) => {
  checkTensor("diagflat", x);
  return toShape(x, [x.numel()]).diag(offset);
});

type DiagonalScatter = (x: Tensor, src: Tensor, offset?: number, dim1?: number, dim2?: number) => Tensor;

/**
 * Gives x with `src` on the diagonal of the matrices in two dims. Gradients: grad where x stayed, and to `src` grad where
 * it stands. Same as torch.diagonal_scatter.
 */
export const diagonalScatter: DiagonalScatter = composite((x: Tensor, src: Tensor, offset = 0, dim1 = 0, dim2 = 1) => {
  checkTensor("diagonalScatter", x);
  checkTensor("diagonalScatter", src);
  const there = x.diagonal(offset, dim1, dim2);
  checkFit("diagonalScatter", src, there.shape);
  const [a, b] = [checkDim("diagonalScatter", dim1, x.ndim), checkDim("diagonalScatter", dim2, x.ndim)];
  const matrices = x.movedim([a, b], [-2, -1]);
  const [rows, columns] = matrices.shape.slice(-2) as [number, number];
  const crosses = iota(columns, x.device).sub(iota(rows, x.device).unsqueeze(1)).eq(offset);
  // Spread along rows, the diagonal begins in row -offset if it lies below the main one; along columns, likewise.
  const along = src.to(x.dtype);
  const spread =
    offset < 0
      ? pad(along, [0, columns - along.shape.at(-1)!]).unsqueeze(-2)
      : pad(along, [0, rows - along.shape.at(-1)!]).unsqueeze(-1);
  return where(crosses, spread, matrices).movedim([-2, -1], [a, b]);
});

/**
 * Gives x with rows of `src` at the places of `index` along a dim. Gradients: grad where x stayed, and to `src` grad where
 * it stands. Same as torch.index_copy.
 */
export const indexCopy: (x: Tensor, dim: number, index: Tensor, src: Tensor) => Tensor = composite(
  (x: Tensor, dim: number, index: Tensor, src: Tensor) => {
    checkTensor("indexCopy", x);
    checkTensor("indexCopy", index);
    checkTensor("indexCopy", src);
    const d = checkDim("indexCopy", dim, x.ndim);
    if (index.ndim > 1) throw new ShapeError(`indexCopy: the index must be a vector, got ${text(index.shape)}`);
    checkFit("indexCopy", src, x.shape.with(d, index.numel()));
    const line = x.shape.map((_, i) => (i === d ? index.numel() : 1));
    return x.scatter(d, toExpanded(toShape(index, line), src.shape), src);
  },
);

/**
 * Gathers along a dim, where x and the indices broadcast in the others; without a dim, from the flattened tensor.
 * Gradient: grad added up where elements were taken. Same as torch.take_along_dim.
 *
 * @example
 * takeAlongDim(tensor([[30, 10, 20]]), tensor([[1, 2, 0]], { dtype: "int32" }), 1); // tensor([[10., 20., 30.]])
 */
export const takeAlongDim: (x: Tensor, indices: Tensor, dim?: number) => Tensor = composite(
  (x: Tensor, indices: Tensor, dim?: number) => {
    checkTensor("takeAlongDim", x);
    checkTensor("takeAlongDim", indices);
    if (dim === undefined) return toShape(x, [x.numel()]).gather(0, toShape(indices, [indices.numel()]));
    if (x.ndim !== indices.ndim)
      throw new ShapeError(`takeAlongDim: needs as many dims in both, got ${text(x.shape)} and ${text(indices.shape)}`);
    const d = checkDim("takeAlongDim", dim, x.ndim);
    const met = x.shape.map((size, i) => (size === 1 ? indices.shape[i]! : size));
    return toExpanded(x, met.with(d, x.shape[d]!)).gather(d, toExpanded(indices, met.with(d, indices.shape[d]!)));
  },
);

/**
 * Shrinks the slices along a dim whose p-norm is above `maxnorm` to it. Gradient: through the norm where a slice was
 * shrunk, else grad. Same as torch.renorm.
 */
export const renorm: (x: Tensor, p: number, dim: number, maxnorm: number) => Tensor = composite(
  (x: Tensor, p: number, dim: number, maxnorm: number) => {
    checkTensor("renorm", x);
    if (x.ndim < 2) throw new ShapeError(`renorm: needs two dims or more, got ${text(x.shape)}`);
    if (!(p > 0)) throw new ValueError(`renorm: p must be positive, got ${show(p)}`);
    if (!(maxnorm >= 0)) throw new ValueError(`renorm: maxnorm must be 0 or more, got ${show(maxnorm)}`);
    const d = checkDim("renorm", dim, x.ndim);
    const rest = x.shape.map((_, i) => i).filter((i) => i !== d);
    const norms = x.norm(p, rest, { keepdim: true });
    const factor = where(norms.gt(maxnorm), norms.add(1e-7).reciprocal().mul(maxnorm), 1);
    return x.mul(factor);
  },
);
