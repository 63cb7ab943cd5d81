import { AutogradFunction, type FunctionContext } from "../autograd/custom-function.js";
import { checkOptions, ShapeError } from "../errors.js";
import { checkTensor } from "../ops/define.js";
import { toExpanded } from "../ops/view.js";
import { where } from "../ops/where.js";
import type { Body } from "../recur/body.js";
import { recur } from "../recur/recur.js";
import { broadcast, text } from "../shape.js";
import { composite, type Tensor } from "../tensor.js";
import { checkSquare, columnAt, only, rowAt, stacked, transposed, unit, unstacked } from "./matrices.js";

/** A step of substitution: a row of the solution is known once the rows before it are taken from it. */
const substitute: Body = ([x], [here], [a]) => {
  const row = here!.ne(0).unsqueeze(0);
  const column = columnAt(a!, row);
  const known = rowAt(x!, row).div(only(row, column).sum(1).unsqueeze(1));
  const rest = x!.sub(column.unsqueeze(2).mul(known.unsqueeze(1)));
  return { carry: [where(row.unsqueeze(-1), known.unsqueeze(1), rest)], out: [] };
};

/** Solves a x = b for stacks of triangular matrices; what is on the other side of the diagonal is 0. */
export function substituted(a: Tensor, b: Tensor, upper: boolean): Tensor {
  const n = a.shape[1]!;
  const { carry } = recur(substitute, {
    carry: [b],
    x: [unit(n, a)],
    constants: [a],
    reverse: upper,
    name: "substitution",
  });
  return carry[0]!;
}

/** x = inv(a) b: gb = inv(a)ᵀ g, ga = -gb xᵀ, its triangle. */
class SolveTriangular extends AutogradFunction {
  static forward(ctx: FunctionContext, a: Tensor, b: Tensor, upper: boolean): Tensor {
    const x = substituted(a, b, upper);
    ctx.saveForBackward(a, x);
    ctx.upper = upper;
    return x;
  }
  static backward(ctx: FunctionContext, grad: Tensor): (Tensor | null)[] {
    const [a, x] = ctx.savedTensors as [Tensor, Tensor];
    const upper = ctx.upper as boolean;
    const toB = SolveTriangular.apply(transposed(a), grad, !upper);
    const toA = toB.matmul(transposed(x)).neg();
    return [upper ? toA.triu() : toA.tril(), toB, null];
  }
}

/** What `linalg.solveTriangular` takes. */
export interface SolveTriangularOptions {
  /** Whether a is an upper triangle; else a lower one. What lies on the other side counts for nothing. */
  readonly upper: boolean;
  /** false: solve x a = b. Default true. */
  readonly left?: boolean;
  /** Take the diagonal as ones. Default false. */
  readonly unitriangular?: boolean;
}

/**
 * Solves a x = b for triangular matrices a, [..., n, n], by substitution; b is [..., n, k]. Gradients: G = a⁻ᵀ grad to b,
 * and the triangle of -G xᵀ to a. Same as torch.linalg.solve_triangular.
 *
 * @throws ShapeError for shapes that do not fit; DTypeError for ints.
 *
 * @example
 * linalg.solveTriangular(tensor([[2, 0], [1, 1]]), tensor([[2], [3]]), { upper: false }); // tensor([[1.], [2.]])
 */
export const solveTriangular: (a: Tensor, b: Tensor, options: SolveTriangularOptions) => Tensor = composite(
  (a: Tensor, b: Tensor, options: SolveTriangularOptions) => {
    checkSquare("solveTriangular", a);
    checkTensor("solveTriangular", b);
    checkOptions("solveTriangular", options, ["upper", "left", "unitriangular"]);
    const { upper, left = true, unitriangular = false } = options;
    if (!left) return transposed(solveTriangular(transposed(a), transposed(b), { upper: !upper, unitriangular }));
    if (b.ndim < 2 || b.shape.at(-2) !== a.shape.at(-1))
      throw new ShapeError(
        `solveTriangular: ${text(b.shape)} has not ${a.shape.at(-1)!} rows, as ${text(a.shape)} asks for`,
      );
    const triangle = upper ? a.triu(unitriangular ? 1 : 0) : a.tril(unitriangular ? -1 : 0);
    const whole = unitriangular ? triangle.add(unit(a.shape.at(-1)!, a)) : triangle;
    const lead = broadcast("solveTriangular", a.shape.slice(0, -2), b.shape.slice(0, -2));
    const spread = (x: Tensor): Tensor => stacked(toExpanded(x, [...lead, ...x.shape.slice(-2)]));
    if (a.shape.at(-1) === 0 || b.numel() === 0) return b.clone();
    return unstacked(SolveTriangular.apply(spread(whole), spread(b), upper), lead);
  },
);
