import { checkOptions, ShapeError, show } from "../../errors.js";
import { checkCount, checkDim, sizeOf, text } from "../../shape.js";
import { composite, type Tensor } from "../../tensor.js";
import { type AddProduct, addProduct } from "../add-product.js";
import { checkTensor } from "../define.js";
import { cat, stack } from "../joining.js";

import { commonDType } from "../operand.js";
import { toOrder, toShape } from "../view.js";

type Product = (x: Tensor, y: Tensor) => Tensor;
type Dims = number | readonly [readonly number[], readonly number[]];

/**
 * Sums products over several dims of both: the last `dims` of x with the first of y, or those listed for each. Gradients:
 * grad times the other tensor, over the dims that were not summed. Same as torch.tensordot.
 *
 * @example
 * tensordot(ones([2, 3, 4]), ones([4, 3, 5]), [[1, 2], [1, 0]]).shape; // [2, 5]
 */
export const tensordot: (x: Tensor, y: Tensor, dims?: Dims) => Tensor = composite(
  (x: Tensor, y: Tensor, dims: Dims = 2) => {
    checkTensor("tensordot", x);
    checkTensor("tensordot", y);
    const [ofX, ofY] = contracted(x, y, dims);
    if (ofX.length !== ofY.length)
      throw new ShapeError(`tensordot: as many dims of each, got ${text(ofX)} and ${text(ofY)}`);
    ofX.forEach((dim, i) => {
      if (x.shape[dim] === y.shape[ofY[i]!]) return;
      throw new ShapeError(
        `tensordot: sizes differ: dim ${dim} of ${text(x.shape)} and dim ${ofY[i]!} of ${text(y.shape)}`,
      );
    });
    const restX = others(x, ofX);
    const restY = others(y, ofY);
    const inner = sizeOf(ofX.map((dim) => x.shape[dim]!));
    const [rows, columns] = [restX, restY].map((rest, i) => rest.map((dim) => (i === 0 ? x : y).shape[dim]!)) as [
      number[],
      number[],
    ];
    const dtype = commonDType(x, y);
    const left = toShape(toOrder(x.to(dtype), [...restX, ...ofX]), [sizeOf(rows), inner]);
    const right = toShape(toOrder(y.to(dtype), [...ofY, ...restY]), [inner, sizeOf(columns)]);
    return toShape(left.matmul(right), [...rows, ...columns]);
  },
);

function contracted(x: Tensor, y: Tensor, dims: Dims): [number[], number[]] {
  if (typeof dims === "number") {
    checkCount("tensordot", "dims", dims);
    if (dims > Math.min(x.ndim, y.ndim))
      throw new ShapeError(`tensordot: ${text(x.shape)} and ${text(y.shape)} have not ${dims} dims each`);
    const places = Array.from({ length: dims }, (_, i) => i);
    return [places.map((i) => x.ndim - dims + i), places];
  }
  if (!Array.isArray(dims) || dims.length !== 2 || !dims.every(Array.isArray))
    throw new ShapeError(`tensordot: dims must be a number or two arrays, got ${show(dims)}`);
  const [ofX, ofY] = dims as readonly [readonly number[], readonly number[]];
  return [ofX.map((dim) => checkDim("tensordot", dim, x.ndim)), ofY.map((dim) => checkDim("tensordot", dim, y.ndim))];
}

const others = (x: Tensor, dims: readonly number[]): number[] =>
  x.shape.map((_, dim) => dim).filter((dim) => !dims.includes(dim));

/**
 * Sums products over the last dim of both; with a 0-d tensor it is the product. Gradients: grad times the other tensor.
 * Same as torch.inner.
 */
export const inner: Product = composite((x: Tensor, y: Tensor) => {
  checkTensor("inner", x);
  checkTensor("inner", y);
  return x.ndim === 0 || y.ndim === 0 ? x.mul(y) : tensordot(x, y, [[-1], [-1]]);
});

/**
 * Sums the products of two vectors, as `dot` does: there are no complex numbers here. Gradients: grad · y and grad · x.
 * Same as torch.vdot.
 */
export const vdot: Product = composite((x: Tensor, y: Tensor) => {
  checkTensor("vdot", x);
  return x.dot(y);
});

/**
 * The Kronecker product: each element of x times the whole of y, laid out in blocks. Gradients: grad times the other
 * tensor, summed over its elements. Same as torch.kron.
 *
 * @example
 * kron(tensor([1, 2]), tensor([1, 1])); // tensor([1., 1., 2., 2.])
 */
export const kron: Product = composite((x: Tensor, y: Tensor) => {
  checkTensor("kron", x);
  checkTensor("kron", y);
  const rank = Math.max(x.ndim, y.ndim);
  const [a, b] = [x, y].map(({ shape }) => [...new Array<number>(rank - shape.length).fill(1), ...shape]) as [
    number[],
    number[],
  ];
  const blocks = toShape(
    x,
    a.flatMap((size) => [size, 1]),
  ).mul(
    toShape(
      y,
      b.flatMap((size) => [1, size]),
    ),
  );
  return toShape(
    blocks,
    a.map((size, i) => size * b[i]!),
  );
});

/**
 * The cross product of vectors of three along a dim: without one, the first dim of size 3. The rest broadcasts. Gradients:
 * y × grad and grad × x. Same as torch.cross.
 *
 * @example
 * cross(tensor([1, 0, 0]), tensor([0, 1, 0])); // tensor([0., 0., 1.])
 */
export const cross: (x: Tensor, y: Tensor, dim?: number) => Tensor = composite((x: Tensor, y: Tensor, dim?: number) => {
  checkTensor("cross", x);
  checkTensor("cross", y);
  if (x.ndim !== y.ndim)
    throw new ShapeError(`cross: needs as many dims in both, got ${text(x.shape)} and ${text(y.shape)}`);
  const d =
    dim === undefined ? x.shape.findIndex((size, i) => size === 3 && y.shape[i] === 3) : checkDim("cross", dim, x.ndim);
  if (d < 0 || x.shape[d] !== 3 || y.shape[d] !== 3)
    throw new ShapeError(`cross: needs a dim of size 3 in both, got ${text(x.shape)} and ${text(y.shape)}`);
  const of = (from: Tensor, i: number): Tensor => from.narrow(d, i % 3, 1);
  return cat(
    [0, 1, 2].map((i) =>
      of(x, i + 1)
        .mul(of(y, i + 2))
        .sub(of(x, i + 2).mul(of(y, i + 1))),
    ),
    d,
  );
});

/** Sums the diagonal of a matrix. Gradient: grad on the diagonal, else 0. Same as torch.trace. */
export const trace: (x: Tensor) => Tensor = composite((x: Tensor) => {
  checkTensor("trace", x);
  if (x.ndim !== 2)
    throw new ShapeError(`trace: takes a matrix, got ${text(x.shape)}`, "x.diagonal(0, -2, -1).sum(-1)");
  return x.diagonal().sum();
});

/** The options of `vander`. */
export interface VanderOptions {
  /** Powers grow from left to right. Default false. */
  readonly increasing?: boolean;
}

/**
 * Makes the matrix whose columns are powers of a vector, `n` of them (default its length). Gradient: Σ grad · k · xᵏ⁻¹
 * over the columns. Same as torch.vander.
 */
export const vander: (x: Tensor, n?: number, options?: VanderOptions) => Tensor = composite(
  (x: Tensor, n?: number, options: VanderOptions = {}) => {
    checkTensor("vander", x);
    checkOptions("vander", options, ["increasing"]);
    if (x.ndim !== 1) throw new ShapeError(`vander: takes a vector, got ${text(x.shape)}`);
    const count = n === undefined ? x.numel() : checkCount("vander", "n", n);
    const base = x.dtype === "bool" || x.dtype === "uint8" ? x.to("int32") : x;
    if (count === 0) return base.unsqueeze(1).narrow(1, 0, 0);
    const powers = [base.mul(0).add(1)];
    while (powers.length < count) powers.push(powers.at(-1)!.mul(base));
    return stack(options.increasing === true ? powers : powers.reverse(), 1);
  },
);

/** β x + α · (matrix · vector). Gradients: β grad, α · (grad ⊗ vector) and α · matrixᵀ grad. Same as torch.addmv. */
export const addmv: AddProduct = addProduct("addmv", (matrix, vector) => matrix.mv(vector));
/**
 * β x + α · (outer product of two vectors). Gradients: β grad, α · grad · second and α · gradᵀ · first. Same as
 * torch.addr.
 */
export const addr: AddProduct = addProduct("addr", (a, b) => a.outer(b));
/**
 * β x + α · (sum of the products of a batch of matrices). Gradients: β grad, and α times those of `bmm`. Same as
 * torch.addbmm.
 */
export const addbmm: AddProduct = addProduct("addbmm", (a, b) => a.bmm(b).sum(0));
