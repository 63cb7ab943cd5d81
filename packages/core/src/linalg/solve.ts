import { AutogradFunction, type FunctionContext } from "../autograd/custom-function.js";
import { show, ShapeError, ValueError } from "../errors.js";
import { ones, zeros } from "../creation.js";
import { checkTensor, checkTensors } from "../ops/define.js";
import { toExpanded, toShape } from "../ops/view.js";
import { broadcast, sameShape, type Shape, text } from "../shape.js";
import { composite, type Tensor } from "../tensor.js";
import { eliminated } from "./elimination.js";
import { checkSquare, stacked, transposed, unit, unstacked } from "./matrices.js";

// Gradients: M. Giles, Collected matrix derivative results for forward and reverse mode algorithmic differentiation (2008).

/** x = inv(a) b: gb = inv(a)ᵀ g, ga = -gb xᵀ. */
class Solve extends AutogradFunction {
  static forward(ctx: FunctionContext, a: Tensor, b: Tensor): Tensor {
    const solution = eliminated(a, b).solution;
    ctx.saveForBackward(a, solution);
    return solution;
  }
  static backward(ctx: FunctionContext, grad: Tensor): Tensor[] {
    const [a, x] = ctx.savedTensors as [Tensor, Tensor];
    const toB = Solve.apply(transposed(a), grad);
    return [toB.matmul(transposed(x)).neg(), toB];
  }
}

/** The leading dims of a and b together, and both as stacks. */
function together(name: string, a: Tensor, b: Tensor): { lead: Shape; a: Tensor; b: Tensor } {
  const lead = broadcast(name, a.shape.slice(0, -2), b.shape.slice(0, -2));
  const spread = (x: Tensor): Tensor => stacked(toExpanded(x, [...lead, ...x.shape.slice(-2)]));
  return { lead, a: spread(a), b: spread(b) };
}

/** What `linalg.solve` takes. */
export interface SolveOptions {
  /** false: solve x a = b. Default true. */
  readonly left?: boolean;
}

/**
 * Solves a x = b for square matrices a, [..., n, n], and b, [..., n, k] or a vector [n] (or one for each matrix, [...,
 * n]). By elimination with partial pivoting. Where a is singular the solution is NaN: no value is read to find it out.
 * Gradients: G = a⁻ᵀ grad to b, and -G xᵀ to a. Same as torch.linalg.solve.
 *
 * @throws ShapeError for shapes that do not fit; DTypeError for ints.
 *
 * @example
 * linalg.solve(tensor([[2, 0], [0, 4]]), tensor([2, 2])); // tensor([1.0000, 0.5000])
 */
export const solve: (a: Tensor, b: Tensor, options?: SolveOptions) => Tensor = composite(
  (a: Tensor, b: Tensor, options: SolveOptions = {}) => {
    checkSquare("solve", a);
    checkTensor("solve", b);
    if (options.left === false) return transposed(solve(transposed(a), transposed(b)));
    const vector = b.ndim === 1 || sameShape(b.shape, a.shape.slice(0, -1));
    const columns = vector ? b.unsqueeze(-1) : b;
    if (columns.ndim < 2 || columns.shape.at(-2) !== a.shape.at(-1))
      throw new ShapeError(`solve: ${text(b.shape)} has not ${a.shape.at(-1)!} rows, as ${text(a.shape)} asks for`);
    const found = together("solve", a, columns);
    const x = a.shape.at(-1) === 0 || found.b.numel() === 0 ? found.b.clone() : Solve.apply(found.a, found.b);
    const solution = unstacked(x, found.lead);
    return vector ? solution.squeeze(-1) : solution;
  },
);

type OfMatrices = (x: Tensor) => Tensor;

/**
 * Inverts square matrices; NaN where one is singular. Prefer `solve` to products with an inverse. Gradient: -outᵀ grad
 * outᵀ. Same as torch.linalg.inv.
 */
export const inv: OfMatrices = composite((x: Tensor) => {
  checkSquare("inv", x);
  return x.shape.at(-1) === 0 ? x.clone() : solve(x, toExpanded(unit(x.shape.at(-1)!, x), x.shape));
});

/** The determinant, and its gradient: g det(a) inv(a)ᵀ, NaN where a is singular. */
class Determinant extends AutogradFunction {
  static forward(ctx: FunctionContext, x: Tensor): Tensor {
    const { pivots, signs } = eliminated(x, null);
    const det = pivots.mul(signs).prod(0);
    ctx.saveForBackward(x, det);
    return det;
  }
  static backward(ctx: FunctionContext, grad: Tensor): Tensor {
    const [x, det] = ctx.savedTensors as [Tensor, Tensor];
    return transposed(inv(x)).mul(grad.mul(det).reshape([-1, 1, 1]));
  }
}

/**
 * Computes determinants of square matrices. Gradient: det(x) inv(x)ᵀ, so NaN where x is singular. Same as torch.linalg.det.
 *
 * @example
 * linalg.det(tensor([[1, 2], [3, 4]])); // tensor(-2.0000)
 */
export const det: OfMatrices = composite((x: Tensor) => {
  checkSquare("det", x);
  const lead = x.shape.slice(0, -2);
  return x.shape.at(-1) === 0
    ? ones(lead, { dtype: x.dtype, device: x.device })
    : toShape(Determinant.apply(stacked(x)), lead);
});

/** log |det|, and its gradient: g inv(a)ᵀ. */
class LogDeterminant extends AutogradFunction {
  static forward(ctx: FunctionContext, x: Tensor): Tensor[] {
    const { pivots, signs } = eliminated(x, null);
    const sign = pivots.sign().mul(signs).prod(0);
    ctx.saveForBackward(x);
    ctx.markNonDifferentiable(sign);
    return [sign, pivots.abs().log().sum(0)];
  }
  static backward(ctx: FunctionContext, _sign: Tensor, grad: Tensor): Tensor {
    const [x] = ctx.savedTensors as [Tensor];
    return transposed(inv(x)).mul(grad.reshape([-1, 1, 1]));
  }
}

/**
 * Computes the sign of determinants and the logarithm of their size: [sign, logabsdet]. Gradient: grad of logabsdet times
 * x⁻ᵀ; none through the sign. Same as torch.linalg.slogdet.
 */
export const slogdet: (x: Tensor) => [sign: Tensor, logabsdet: Tensor] = composite((x: Tensor): [Tensor, Tensor] => {
  checkSquare("slogdet", x);
  const lead = x.shape.slice(0, -2);
  const like = { dtype: x.dtype, device: x.device };
  if (x.shape.at(-1) === 0) return [ones(lead, like), zeros(lead, like)];
  const [sign, log] = LogDeterminant.apply(stacked(x)) as [Tensor, Tensor];
  return [toShape(sign, lead), toShape(log, lead)];
});

/**
 * Raises square matrices to an integer power by squaring; a negative one inverts first. Gradient: through the products.
 * Same as torch.linalg.matrix_power.
 *
 * @example
 * linalg.matrixPower(tensor([[1, 1], [0, 1]]), 5); // tensor([[1., 5.], [0., 1.]])
 */
export const matrixPower: (x: Tensor, n: number) => Tensor = composite((x: Tensor, n: number) => {
  checkSquare("matrixPower", x);
  if (!Number.isInteger(n)) throw new ValueError(`matrixPower: n must be an integer, got ${show(n)}`);
  if (n === 0) return toExpanded(unit(x.shape.at(-1)!, x), x.shape).clone();
  let square = n < 0 ? inv(x) : x;
  let result: Tensor | undefined;
  for (let rest = Math.abs(n); ; square = square.matmul(square)) {
    if (rest % 2 === 1) result = result?.matmul(square) ?? square;
    rest = Math.floor(rest / 2);
    if (rest === 0) return n === 1 ? x.clone() : result!;
  }
});

/**
 * Multiplies matrices in the order that takes the fewest multiplications; the first and the last may be vectors.
 * Gradients: those of the products, see `matmul`. Same as torch.linalg.multi_dot.
 *
 * @example
 * linalg.multiDot([ones([2, 30]), ones([30, 2]), ones([2, 40])]).shape; // [2, 40]
 */
export const multiDot: (tensors: readonly Tensor[]) => Tensor = composite((tensors: readonly Tensor[]) => {
  checkTensors("multiDot", tensors);
  if (tensors.length < 2) throw new ShapeError(`multiDot: needs two tensors or more, got ${tensors.length}`);
  const [first, last] = [tensors[0]!, tensors.at(-1)!];
  const matrices = tensors.map((x, i) => {
    const ends = i === 0 || i === tensors.length - 1;
    if (x.ndim !== 2 && !(ends && x.ndim === 1))
      throw new ShapeError(`multiDot: needs matrices, and vectors only at its ends, got ${text(x.shape)}`);
    return x.ndim === 2 ? x : i === 0 ? x.unsqueeze(0) : x.unsqueeze(1);
  });
  const product = ordered(matrices);
  const shape = [...(first.ndim === 1 ? [] : [product.shape[0]!]), ...(last.ndim === 1 ? [] : [product.shape[1]!])];
  return toShape(product, shape);
});

/** The cheapest order by dynamic programming (Cormen et al., Introduction to Algorithms, 15.2). */
function ordered(matrices: readonly Tensor[]): Tensor {
  const count = matrices.length;
  const sizes = [matrices[0]!.shape[0]!, ...matrices.map(({ shape }) => shape[1]!)];
  const cost = Array.from({ length: count }, () => new Array<number>(count).fill(0));
  const cut = cost.map((row) => row.slice());
  for (let span = 1; span < count; span++) {
    for (let from = 0; from + span < count; from++) {
      const to = from + span;
      cost[from]![to] = Infinity;
      for (let k = from; k < to; k++) {
        const total = cost[from]![k]! + cost[k + 1]![to]! + sizes[from]! * sizes[k + 1]! * sizes[to + 1]!;
        if (total >= cost[from]![to]!) continue;
        cost[from]![to] = total;
        cut[from]![to] = k;
      }
    }
  }
  const multiply = (from: number, to: number): Tensor => {
    if (from === to) return matrices[from]!;
    const k = cut[from]![to]!;
    return multiply(from, k).matmul(multiply(k + 1, to));
  };
  return multiply(0, count - 1);
}
