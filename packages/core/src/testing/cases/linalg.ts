import * as linalg from "../../linalg/index.js";
import { eye } from "../../creation.js";
import type { Tensor } from "../../tensor.js";
import type { OpCase, OpCases } from "../op-case.js";

const near = (x: Tensor, size: number): Tensor => eye(x.shape.at(-1)!, { dtype: x.dtype, device: x.device }).mul(size);
/** Far from singular. */
const regular = (x: Tensor): Tensor => x.add(near(x, 5));
const definite = (x: Tensor): Tensor => x.matmul(x.transpose(-2, -1)).add(near(x, 1));
/** Symmetric, with eigenvalues that differ. */
const symmetric = (x: Tensor): Tensor => x.add(x.transpose(-2, -1));
/** What does not depend on the signs of columns. */
const squares = ([u, ...rest]: readonly Tensor[]): Tensor[] => [u!.mul(u!), ...rest.map((x) => x.mul(x))];

const square = [2, 3, 3];

const cases: OpCases<typeof linalg> = {
  solve: [
    { run: (a, b) => linalg.solve(regular(a), b), shapes: [square, [2, 3, 2]] },
    { run: (a, b) => linalg.solve(regular(a), b), shapes: [[3, 3], [3]] },
    {
      run: (a, b) => linalg.solve(regular(a), b, { left: false }),
      shapes: [
        [2, 2],
        [3, 2],
      ],
    },
  ],
  inv: { run: (x) => linalg.inv(regular(x)), shapes: [square] },
  det: { run: (x) => linalg.det(regular(x)), shapes: [square], range: [-1, 1] },
  slogdet: { run: (x) => linalg.slogdet(regular(x)), shapes: [[3, 3]] },
  matrixPower: [
    { run: (x) => linalg.matrixPower(x, 5), shapes: [[2, 2]], range: [-1, 1] },
    { run: (x) => linalg.matrixPower(regular(x), -2), shapes: [[2, 2]] },
    { run: (x) => linalg.matrixPower(x, 0), shapes: [[2, 2]], differentiable: false },
  ],
  multiDot: { run: (x, y, z) => linalg.multiDot([x, y, z]), shapes: [[3], [3, 2], [2, 4]] },
  solveTriangular: [
    { run: (a, b) => linalg.solveTriangular(regular(a), b, { upper: true }), shapes: [square, [2, 3, 2]] },
    {
      run: (a, b) => linalg.solveTriangular(a, b, { upper: false, unitriangular: true }),
      shapes: [
        [3, 3],
        [3, 2],
      ],
    },
    {
      run: (a, b) => linalg.solveTriangular(regular(a), b, { upper: false, left: false }),
      shapes: [
        [2, 2],
        [3, 2],
      ],
    },
  ],
  cholesky: [
    { run: (x) => linalg.cholesky(definite(x)), shapes: [square] },
    { run: (x) => linalg.cholesky(definite(x), { upper: true }), shapes: [[2, 2]] },
  ],
  qr: [
    { run: (x) => linalg.qr(x), shapes: [[4, 3]] },
    { run: (x) => linalg.qr(regular(x)), shapes: [square] },
    { run: (x) => linalg.qr(x), shapes: [[2, 4]] },
  ],
  eigh: [
    { run: (x) => squares(linalg.eigh(symmetric(x))), shapes: [square] },
    { run: (x) => squares(linalg.eigh(symmetric(x), { UPLO: "U" })), shapes: [[4, 4]] },
  ],
  eigvalsh: { run: (x) => linalg.eigvalsh(symmetric(x)), shapes: [[3, 3]] },
  svd: [
    { run: (x) => squares(linalg.svd(x, { fullMatrices: false })), shapes: [[4, 3]] },
    { run: (x) => squares(linalg.svd(x, { fullMatrices: false })), shapes: [[2, 2, 3]] },
  ],
  svdvals: { run: (x) => linalg.svdvals(x), shapes: [[3, 4]] },
  matrixRank: { run: (x) => linalg.matrixRank(x), shapes: [[3, 2]], differentiable: false },
  pinv: { run: (x) => linalg.pinv(x), shapes: [[3, 2]] },
  vectorNorm: { run: (x) => linalg.vectorNorm(x, 3, 1), shapes: [[2, 3]], range: [0.2, 2] },
  matrixNorm: (["fro", "nuc", 1, -1, 2, -2, Infinity, -Infinity] as const).map((ord) => ({
    run: (x: Tensor) => linalg.matrixNorm(x, ord),
    shapes: [[2, 3]],
  })),
  cond: [
    { run: (x) => linalg.cond(x), shapes: [[3, 2]] },
    { run: (x) => linalg.cond(regular(x), 1), shapes: [[2, 2]] },
  ],
  vecdot: {
    run: (x, y) => linalg.vecdot(x, y),
    shapes: [
      [2, 3],
      [2, 3],
    ],
  },
  lstsq: [
    {
      run: (a, b) => linalg.lstsq(a, b),
      shapes: [
        [4, 2],
        [4, 2],
      ],
    },
    { run: (a, b) => linalg.lstsq(a, b)[0], shapes: [[2, 3], [2]] },
  ],
};

const whole = (row: OpCase): OpCase => ({ ...row, half: false });

/** Decompositions take no float16. */
export const linalgCases: Readonly<Record<string, OpCase | readonly OpCase[]>> = Object.fromEntries(
  Object.entries<OpCase | readonly OpCase[]>(cases).map(([name, rows]) => [
    name,
    "run" in rows ? whole(rows) : rows.map(whole),
  ]),
);
