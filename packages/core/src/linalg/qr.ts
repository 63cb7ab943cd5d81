import { AutogradFunction, type FunctionContext } from "../autograd/custom-function.js";
import { checkOptions, GradientError, show, ValueError } from "../errors.js";
import { pad } from "../ops/padding.js";
import { toExpanded } from "../ops/view.js";
import { where } from "../ops/where.js";
import type { Body } from "../recur/body.js";
import { recur } from "../recur/recur.js";
import { composite, type Tensor } from "../tensor.js";
import { checkMatrices, columnAt, fromPlace, only, stacked, transposed, unit, unstacked } from "./matrices.js";
import { substituted } from "./triangular.js";

/**
 * A Householder reflection (Golub and Van Loan, 5.1) that turns a column into one element: -sign(x₁) |x|, as LAPACK's. A
 * column with nothing below that element stays, and so does its sign.
 */
const reflect: Body = ([r, q], [here, open, column]) => {
  const place = here!.ne(0).unsqueeze(0);
  const x = only(open!.ne(0).unsqueeze(0), columnAt(r!, column!.ne(0).unsqueeze(0)));
  const first = only(place, x).sum(1, { keepdim: true });
  const rest = only(place.logicalNot(), x);
  const below = rest.mul(rest).sum(1, { keepdim: true });
  const size = first.mul(first).add(below).sqrt();
  const mirror = where(place, first.add(where(first.lt(0), size.neg(), size)), rest);
  const squares = mirror.mul(mirror).sum(1, { keepdim: true });
  const scale = where(below.eq(0), 0, squares.reciprocal().mul(2)).unsqueeze(2);
  const rows = mirror.unsqueeze(1).matmul(r!); // [batch, 1, n]
  const columns = q!.matmul(mirror.unsqueeze(2)); // [batch, m, 1]
  return {
    carry: [r!.sub(mirror.unsqueeze(2).mul(rows).mul(scale)), q!.sub(columns.mul(mirror.unsqueeze(1)).mul(scale))],
    out: [],
  };
};

/** Q [batch, m, m] and R [batch, m, n] of a stack. */
export function reflected(x: Tensor): { q: Tensor; r: Tensor } {
  const [batch, m, n] = x.shape as [number, number, number];
  const steps = Math.min(m, n);
  const rows = unit(m, x).narrow(0, 0, steps);
  const { carry } = recur(reflect, {
    carry: [x, toExpanded(unit(m, x), [batch, m, m]).clone()],
    x: [rows, fromPlace(m, x).narrow(0, 0, steps), unit(n, x).narrow(0, 0, steps)],
    name: "qr",
  });
  return { q: carry[1]!, r: carry[0]!.triu() };
}

/** Fills the upper triangle from the lower one. */
const mirrored = (x: Tensor): Tensor => x.tril().add(transposed(x.tril(-1)));

/** The gradient for m ≥ n: (gQ + Q mirrored(R gRᵀ - gQᵀ Q)) inv(R)ᵀ (Walter and Lehmann 2018, as PyTorch's). */
function tallGradient(q: Tensor, r: Tensor, toQ: Tensor, toR: Tensor): Tensor {
  const inner = r.matmul(transposed(toR)).sub(transposed(toQ).matmul(q));
  const right = toQ.add(q.matmul(mirrored(inner)));
  return transposed(substituted(r, transposed(right), true));
}

class QR extends AutogradFunction {
  static forward(ctx: FunctionContext, x: Tensor, complete: boolean): Tensor[] {
    const [, m, n] = x.shape as [number, number, number];
    const { q, r } = reflected(x);
    const k = Math.min(m, n);
    const outputs = complete ? [q, r] : [q.narrow(2, 0, k).clone(), r.narrow(1, 0, k).clone()];
    ctx.saveForBackward(x, ...outputs);
    ctx.square = !complete || m <= n;
    return outputs;
  }
  static backward(ctx: FunctionContext, toQ: Tensor, toR: Tensor): (Tensor | null)[] {
    if (ctx.square !== true)
      throw new GradientError("qr: the complete Q of tall matrices has no gradient", 'use { mode: "reduced" }');
    const [x, q, r] = ctx.savedTensors as [Tensor, Tensor, Tensor];
    const [m, n] = x.shape.slice(1) as [number, number];
    if (m >= n) return [tallGradient(q, r, toQ, toR), null];
    // A wide matrix is [X Y] = Q [U V]: X = Q U as above, and Y = Q V.
    const cut = (of: Tensor): [Tensor, Tensor] => [of.narrow(2, 0, m), of.narrow(2, m, n - m)];
    const [, y] = cut(x);
    const [u] = cut(r);
    const [toU, toV] = cut(toR);
    const toX = tallGradient(q, u, toQ.add(y.matmul(transposed(toV))), toU);
    return [pad(toX, [0, n - m]).add(pad(q.matmul(toV), [m, 0])), null];
  }
}

/** What `linalg.qr` takes. */
export interface QROptions {
  /** "reduced" (default): Q is [..., m, k], R [..., k, n] with k = min(m, n). "complete": [..., m, m] and [..., m, n]. "r": R alone. */
  readonly mode?: "reduced" | "complete" | "r";
}

/**
 * Factors matrices as x = Q R, with orthonormal columns in Q and an upper triangle R, by Householder reflections, with
 * LAPACK's signs: [Q, R]. In mode "r", Q is empty. Gradients need k columns that are independent. Same as
 * torch.linalg.qr.
 *
 * @throws DTypeError for ints; GradientError for the complete Q of tall matrices.
 *
 * @example
 * const [q, r] = linalg.qr(randn([4, 3])); // of shapes [4, 3] and [3, 3]
 */
export const qr: (x: Tensor, options?: QROptions) => [q: Tensor, r: Tensor] = composite(
  (x: Tensor, options: QROptions = {}): [Tensor, Tensor] => {
    checkMatrices("qr", x);
    checkOptions("qr", options, ["mode"]);
    const { mode = "reduced" } = options;
    if (!["reduced", "complete", "r"].includes(mode))
      throw new ValueError(`qr: mode must be "reduced", "complete" or "r", got ${show(mode)}`);
    const lead = x.shape.slice(0, -2);
    const [m, n] = x.shape.slice(-2) as [number, number];
    if (x.numel() === 0) {
      const k = mode === "complete" ? m : Math.min(m, n);
      return [toExpanded(unit(m, x).narrow(1, 0, k), [...lead, m, k]).clone(), x.narrow(-2, 0, k).clone()];
    }
    const [q, r] = QR.apply(stacked(x), mode === "complete") as [Tensor, Tensor];
    return [mode === "r" ? q.detach().narrow(2, 0, 0).narrow(1, 0, 0) : unstacked(q, lead), unstacked(r, lead)];
  },
);
