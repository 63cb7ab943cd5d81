import { AutogradFunction, type FunctionContext } from "../autograd/custom-function.js";
import { checkOptions } from "../errors.js";
import type { Body } from "../recur/body.js";
import { recur } from "../recur/recur.js";
import { composite, type Tensor } from "../tensor.js";
import { checkSquare, columnAt, fromPlace, only, stacked, transposed, unit, unstacked } from "./matrices.js";
import { substituted } from "./triangular.js";

/** A column of the factor, whose outer product is taken from what is left (Golub and Van Loan, 4.2). */
const column: Body = ([rest], [here, open]) => {
  const place = here!.ne(0).unsqueeze(0);
  const found = columnAt(rest!, place);
  const root = only(place, found).sum(1).sqrt();
  const factor = only(open!.ne(0).unsqueeze(0), found.div(root.unsqueeze(1)));
  return { carry: [rest!.sub(factor.unsqueeze(2).mul(factor.unsqueeze(1)))], out: [factor] };
};

/** The lower triangle with its diagonal halved. */
const halved = (x: Tensor): Tensor => x.tril().sub(only(unit(x.shape.at(-1)!, x).ne(0), x).mul(0.5));

/** I. Murray, Differentiation of the Cholesky decomposition (2016): with P = half of tril(Lᵀ gL), inv(L)ᵀ P inv(L), made symmetric. */
class Cholesky extends AutogradFunction {
  static forward(ctx: FunctionContext, x: Tensor): Tensor {
    const n = x.shape[1]!;
    const { out } = recur(column, { carry: [x], x: [unit(n, x), fromPlace(n, x)], name: "cholesky" });
    const factor = out[0]!.permute(1, 2, 0);
    ctx.saveForBackward(factor);
    return factor;
  }
  static backward(ctx: FunctionContext, grad: Tensor): Tensor {
    const [factor] = ctx.savedTensors as [Tensor];
    const half = halved(transposed(factor).matmul(grad));
    const upper = transposed(factor);
    const left = substituted(upper, half, true);
    const both = transposed(substituted(upper, transposed(left), true));
    return both.add(transposed(both)).mul(0.5);
  }
}

/** What `linalg.cholesky` takes. */
export interface CholeskyOptions {
  /** Give the upper factor, with x = Uᵀ U. Default false. */
  readonly upper?: boolean;
}

/**
 * Factors symmetric positive definite matrices as x = L Lᵀ with a lower triangle L. The lower triangle of x counts; NaN
 * where x is not positive definite: no value is read to find it out. Gradient: L⁻ᵀ Φ(Lᵀ grad) L⁻¹, made symmetric, where Φ
 * takes the lower triangle and half of the diagonal. Same as torch.linalg.cholesky.
 *
 * @throws ShapeError for what is not square; DTypeError for ints.
 *
 * @example
 * linalg.cholesky(tensor([[4, 2], [2, 2]])); // tensor([[2., 0.], [1., 1.]])
 */
export const cholesky: (x: Tensor, options?: CholeskyOptions) => Tensor = composite(
  (x: Tensor, options: CholeskyOptions = {}) => {
    checkSquare("cholesky", x);
    checkOptions("cholesky", options, ["upper"]);
    if (x.numel() === 0) return x.clone();
    const lower = unstacked(Cholesky.apply(stacked(x)), x.shape.slice(0, -2));
    return options.upper === true ? transposed(lower) : lower;
  },
);
