import { zeros } from "../creation.js";
import { cat } from "../ops/joining.js";
import { pad } from "../ops/padding.js";
import { toExpanded } from "../ops/view.js";
import { where } from "../ops/where.js";
import type { Body } from "../recur/body.js";
import { recur } from "../recur/recur.js";
import type { Tensor } from "../tensor.js";
import { unit } from "./matrices.js";

// Jacobi's method with all pairs of a round rotated at once (Golub and Van Loan, 8.5; Brent and Luk 1985). Columns stand
// in two halves, and those at the same place are a pair; after each round they move on as in a round-robin tournament,
// so that after n - 1 rounds, a sweep, each has met each and stands where it stood.

/** The columns after a round: the first stays, the others go round. */
function moved(x: Tensor, dim: number): Tensor {
  const half = x.shape[dim]! / 2;
  if (half === 1) return x;
  const part = (start: number, length: number): Tensor => x.narrow(dim, start, length);
  return cat([part(0, 1), part(half, 1), part(1, half - 2), part(half + 1, half - 1), part(half - 1, 1)], dim);
}

interface Rotation {
  readonly c: Tensor;
  readonly s: Tensor;
}

/** The smaller angle that makes a pair's off-diagonal element 0, given both diagonal elements: [batch, half]. */
function rotation(first: Tensor, second: Tensor, off: Tensor): Rotation {
  const done = off.eq(0);
  const tau = second.sub(first).div(where(done, 1, off).mul(2));
  const size = tau.abs().add(tau.mul(tau).add(1).sqrt()).reciprocal();
  const t = where(done, 0, where(tau.lt(0), size.neg(), size));
  const c = t.mul(t).add(1).rsqrt();
  return { c, s: t.mul(c) };
}

/** Rotates the pairs of rows (dim 1) or columns (dim 2). */
function rotated(x: Tensor, { c, s }: Rotation, dim: 1 | 2): Tensor {
  const half = x.shape[dim]! / 2;
  const [first, second] = [x.narrow(dim, 0, half), x.narrow(dim, half, half)];
  const [cosine, sine] = [c.unsqueeze(3 - dim), s.unsqueeze(3 - dim)];
  return moved(cat([first.mul(cosine).sub(second.mul(sine)), first.mul(sine).add(second.mul(cosine))], dim), dim);
}

/** A round on a symmetric matrix and its eigenvectors so far. */
const symmetricRound: Body = ([a, v]) => {
  const half = a!.shape[1]! / 2;
  const diagonal = a!.diagonal(0, 1, 2);
  const turn = rotation(
    diagonal.narrow(1, 0, half),
    diagonal.narrow(1, half, half),
    a!.narrow(2, half, half).narrow(1, 0, half).diagonal(0, 1, 2),
  );
  return { carry: [rotated(rotated(a!, turn, 2), turn, 1), rotated(v!, turn, 2)], out: [] };
};

/** A round of the one-sided method (Hestenes 1958): pairs of columns become orthogonal. */
const oneSidedRound: Body = ([a, v]) => {
  const half = a!.shape[2]! / 2;
  const [first, second] = [a!.narrow(2, 0, half), a!.narrow(2, half, half)];
  const turn = rotation(first.mul(first).sum(1), second.mul(second).sum(1), first.mul(second).sum(1));
  return { carry: [rotated(a!, turn, 2), rotated(v!, turn, 2)], out: [] };
};

/** Sweeps until there is nothing left to rotate: in the last ones what is left is squared, before them it takes about log₂ n. */
const sweepsFor = (n: number, dtype: string): number => Math.ceil(2 * Math.log2(n)) + (dtype === "float64" ? 8 : 5);

function swept(round: Body, a: Tensor, n: number, name: string): { a: Tensor; v: Tensor } {
  const even = a.shape[2]!;
  const v = toExpanded(unit(even, a), [a.shape[0]!, even, even]).clone();
  if (even === 2 && n === 1) return { a, v };
  const rounds = (even - 1) * sweepsFor(even, a.dtype);
  const { carry } = recur(round, { carry: [a, v], x: [zeros([rounds], { dtype: a.dtype, device: a.device })], name });
  return { a: carry[0]!, v: carry[1]! };
}

/** Puts columns [batch, m, n] in this order, int32 [batch, n]. */
function inOrder(x: Tensor, order: Tensor): Tensor {
  return x.gather(2, toExpanded(order.unsqueeze(1), x.shape));
}

/** Eigenvalues [batch, n], growing, and eigenvectors (columns) of symmetric matrices [batch, n, n]. */
export function symmetricEigen(x: Tensor): { values: Tensor; vectors: Tensor } {
  const n = x.shape[1]!;
  const odd = n % 2;
  const { a, v } = swept(symmetricRound, pad(x, [0, odd, 0, odd]).clone(), n, "eigh");
  const values = a.diagonal(0, 1, 2).narrow(1, 0, n);
  const order = values.argsort(1);
  return { values: values.gather(1, order), vectors: inOrder(v.narrow(1, 0, n).narrow(2, 0, n), order) };
}

/** U S and V of matrices [batch, m, n] with m ≥ n: columns of falling length S [batch, n], and V [batch, n, n]. */
export function oneSided(x: Tensor): { us: Tensor; s: Tensor; v: Tensor } {
  const n = x.shape[2]!;
  const odd = n % 2;
  const { a, v } = swept(oneSidedRound, pad(x, [0, odd]).clone(), n, "svd");
  const columns = a.narrow(2, 0, n);
  const s = columns.mul(columns).sum(1).sqrt();
  const order = s.argsort(1, { descending: true });
  return { us: inOrder(columns, order), s: s.gather(1, order), v: inOrder(v.narrow(1, 0, n).narrow(2, 0, n), order) };
}
