import type { Body } from "../recur/body.js";
import { recur } from "../recur/recur.js";
import { iota } from "../ops/index-access.js";
import { cat } from "../ops/joining.js";
import { where } from "../ops/where.js";
import { scalar, type Tensor } from "../tensor.js";
import { columnAt, fromPlace, only, rowAt, unit } from "./matrices.js";

/**
 * A step of Gauss-Jordan elimination with partial pivoting (Golub and Van Loan, Matrix Computations, 3.4): the row with
 * the largest element of the column comes up, is divided by it, and is taken from all others.
 */
const eliminate: Body = ([work], [here, open], [places]) => {
  const n = here!.shape[0]!;
  const row = here!.ne(0).unsqueeze(0);
  const column = columnAt(work!.narrow(2, 0, n), row);
  const size = where(open!.ne(0).unsqueeze(0), column.abs(), -1);
  const best = places!.eq(size.argmax(1, { keepdim: true }).to(here!.dtype));
  const chosen = rowAt(work!, best);
  const moved = where(
    row.unsqueeze(-1),
    chosen.unsqueeze(1),
    where(best.unsqueeze(-1), rowAt(work!, row).unsqueeze(1), work!),
  );
  const pivot = only(row, chosen.narrow(1, 0, n)).sum(1);
  // A pivot of 0 ends in a determinant of 0, and in a solution that is infinite or NaN: no 0 / 0 spoils the determinant.
  const divisor = where(pivot.eq(0), 1, pivot);
  const normal = chosen.div(divisor.unsqueeze(1));
  const factors = where(row, scalar(0, here!.dtype, here!.device), columnAt(moved.narrow(2, 0, n), row));
  const next = where(row.unsqueeze(-1), normal.unsqueeze(1), moved.sub(factors.unsqueeze(2).mul(normal.unsqueeze(1))));
  const stays = only(row.logicalAnd(best), where(row, 1, 0).to(here!.dtype)).sum(1);
  return { carry: [next], out: [pivot, stays.mul(2).sub(1)] };
};

/** What elimination gives for a stack of square matrices, [batch, n, n]. */
export interface Eliminated {
  /** inv(a) b, [batch, n, m]; infinite or NaN where a is singular. */
  readonly solution: Tensor;
  /** The pivots, [n, batch]: their product is the determinant but for its sign. */
  readonly pivots: Tensor;
  /** 1 or -1 for each exchange of rows, [n, batch]. */
  readonly signs: Tensor;
}

/** Eliminates a, [batch, n, n], from b, [batch, n, m]. */
export function eliminated(a: Tensor, b: Tensor | null): Eliminated {
  const n = a.shape[1]!;
  const { carry, out } = recur(eliminate, {
    carry: [b === null ? a.clone() : cat([a, b], 2)],
    x: [unit(n, a), fromPlace(n, a)],
    constants: [iota(n, a.device).to(a.dtype)],
    name: "elimination",
  });
  const [pivots, signs] = out as [Tensor, Tensor];
  const found = carry[0]!.narrow(2, n, carry[0]!.shape[2]! - n);
  const singular = pivots.eq(0).any(0);
  return { solution: where(singular.reshape([-1, 1, 1]), NaN, found), pivots, signs };
}
