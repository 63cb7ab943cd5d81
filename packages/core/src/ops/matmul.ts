import { DTypeError, ShapeError } from "../errors.js";
import { broadcast, sameShape, text } from "../shape.js";
import { composite, type Tensor } from "../tensor.js";
import { type AddProduct, addProduct } from "./add-product.js";
import { checkTensor } from "./define.js";
import { multiply } from "./product.js";
import { toShape } from "./view.js";

type Product = (x: Tensor, y: Tensor) => Tensor;

/** Checks two tensors of one number dtype, of `ranks` dims if these are fixed. */
function checkPair(where: string, x: Tensor, y: Tensor, ranks?: readonly [number, number]): void {
  checkTensor(where, x);
  checkTensor(where, y);
  if (ranks !== undefined && (x.ndim !== ranks[0] || y.ndim !== ranks[1])) throw rankError(where, x, y, ranks);
  if (x.dtype !== y.dtype || x.dtype === "bool") {
    throw new DTypeError(
      `${where}: needs two tensors of one number dtype, got ${x.dtype} and ${y.dtype}`,
      "convert one with x.to(dtype)",
    );
  }
}

function rankError(where: string, x: Tensor, y: Tensor, ranks: readonly [number, number]): ShapeError {
  return new ShapeError(
    `${where}: needs a ${ranks[0]}-D and a ${ranks[1]}-D tensor, got ${text(x.shape)} and ${text(y.shape)}`,
    "matmul takes any dims and broadcasts",
  );
}

/** Multiplies tensors of at least 1 dim each, broadcasting leading dims. */
function product(where: string, x: Tensor, y: Tensor): Tensor {
  const a = x.ndim === 1 ? toShape(x, [1, x.shape[0]!]) : x;
  const b = y.ndim === 1 ? toShape(y, [y.shape[0]!, 1]) : y;
  const inner = a.shape[a.ndim - 1]!;
  if (inner !== b.shape[b.ndim - 2]) throw innerError(where, x, y, inner, b.shape[b.ndim - 2]!);
  if (a.ndim > 2 && b.ndim > 2) broadcast(where, a.shape.slice(0, -2), b.shape.slice(0, -2));
  const out = multiply(a, b);
  if (x.ndim > 1 && y.ndim > 1) return out;
  const shape: number[] = [];
  for (let i = 0; i < out.ndim; i++) {
    const dropped = i === out.ndim - 2 ? x.ndim === 1 : i === out.ndim - 1 && y.ndim === 1;
    if (!dropped) shape.push(out.shape[i]!);
  }
  return toShape(out, shape);
}

function innerError(where: string, x: Tensor, y: Tensor, inner: number, other: number): ShapeError {
  const hint =
    y.ndim > 1 && y.shape[y.ndim - 1] === inner
      ? "did you mean a.matmul(b.transpose(-2, -1))?"
      : x.ndim > 1 && x.shape[x.ndim - 2] === other
        ? "did you mean a.transpose(-2, -1).matmul(b)?"
        : sameShape(x.shape, y.shape)
          ? "did you mean a.mul(b), the elementwise product?"
          : "the last size of the left must equal the one before last of the right";
  return new ShapeError(
    `${where}: inner sizes differ: ${text(x.shape)} x ${text(y.shape)} (${inner} and ${other})`,
    hint,
  );
}

/**
 * Multiplies matrices: [..., n, k] times [..., k, m] gives [..., n, m]; leading dims broadcast. A 1-D tensor counts as a
 * row on the left and as a column on the right, and its dim is dropped from the result. Gradients: grad · yᵀ and
 * xᵀ · grad. int32 and uint8 wrap. Same as torch.matmul.
 *
 * @throws ShapeError when the inner sizes differ or the leading dims do not broadcast; DTypeError for two dtypes, or bool.
 *
 * @example
 * const x = tensor([[1, 2], [3, 4]]);
 * x.matmul(tensor([1, 1])); // tensor([3., 7.])
 */
export const matmul: Product = composite((x: Tensor, y: Tensor) => {
  checkPair("matmul", x, y);
  if (x.ndim === 0 || y.ndim === 0) {
    throw new ShapeError(
      `matmul: both need at least 1 dim, got ${text(x.shape)} x ${text(y.shape)}`,
      "use x.mul(y) to scale",
    );
  }
  return product("matmul", x, y);
}, "matmul");

/** Multiplies tensors of fixed ranks, without broadcasting. */
function ranked(where: string, x: Tensor, y: Tensor, ranks: readonly [number, number]): Tensor {
  checkPair(where, x, y, ranks);
  if (ranks[0] === 3 && x.shape[0] !== y.shape[0]) {
    throw new ShapeError(
      `${where}: needs as many matrices on both sides, got ${text(x.shape)} and ${text(y.shape)}`,
      "matmul broadcasts",
    );
  }
  return product(where, x, y);
}

/** Sums the products of two vectors' elements. Gradients: grad · y and grad · x. Same as torch.dot. */
export const dot: Product = composite((x: Tensor, y: Tensor) => ranked("dot", x, y, [1, 1]), "dot");
/**
 * Multiplies a matrix [n, k] by a vector [k]. Gradients: the outer product of grad and the vector, and matrixᵀ grad. Same
 * as torch.mv.
 */
export const mv: Product = composite((x: Tensor, y: Tensor) => ranked("mv", x, y, [2, 1]), "mv");
/** Multiplies two matrices, [n, k] by [k, m], without broadcasting. Gradients: as of `matmul`. Same as torch.mm. */
export const mm: Product = composite((x: Tensor, y: Tensor) => ranked("mm", x, y, [2, 2]), "mm");
/**
 * Multiplies matrices pairwise, [b, n, k] by [b, k, m], without broadcasting. Gradients: as of `matmul`. Same as
 * torch.bmm.
 */
export const bmm: Product = composite((x: Tensor, y: Tensor) => ranked("bmm", x, y, [3, 3]), "bmm");

/**
 * Multiplies each element of a vector [n] by each of another [m]: [n, m]. Gradients: grad · y and gradᵀ · x. Same as
 * torch.outer.
 */
export const outer: Product = composite((x: Tensor, y: Tensor) => {
  checkTensor("outer", x);
  checkTensor("outer", y);
  if (x.ndim !== 1 || y.ndim !== 1) {
    throw new ShapeError(`outer: needs two 1-D tensors, got ${text(x.shape)} and ${text(y.shape)}`);
  }
  return toShape(x, [x.numel(), 1]).mul(y);
});

/**
 * Adds a product of matrices: beta · x + alpha · (a · b), where x broadcasts to the product. Gradients: beta · grad, alpha
 * · grad · bᵀ and alpha · aᵀ · grad. Same as torch.addmm.
 */
export const addmm: AddProduct = addProduct("addmm", (a, b) => ranked("addmm", a, b, [2, 2]));
/**
 * Adds products of pairs of matrices: beta · x + alpha · (a · b), [b, n, k] by [b, k, m]. Gradients: beta · grad, alpha ·
 * grad · bᵀ and alpha · aᵀ · grad. Same as torch.baddbmm.
 */
export const baddbmm: AddProduct = addProduct("baddbmm", (a, b) => ranked("baddbmm", a, b, [3, 3]));
