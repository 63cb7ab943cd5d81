import type { DType } from "../../dtype.js";
import * as einsum from "../../ops/einsum.js";
import * as matmul from "../../ops/matmul.js";
import type { OpCases } from "../op-case.js";

const dtypes: readonly DType[] = ["float32", "float64", "int32", "uint8"];

export const matmulCases: OpCases<typeof matmul> = {
  matmul: [
    {
      run: (x, y) => matmul.matmul(x, y),
      shapes: [
        [2, 3],
        [3, 4],
      ],
      dtypes,
    },
    { run: (x, y) => matmul.matmul(x, y), shapes: [[3], [3]], dtypes },
    { run: (x, y) => matmul.matmul(x, y), shapes: [[2, 3], [3]], dtypes },
    { run: (x, y) => matmul.matmul(x, y), shapes: [[3], [2, 3, 2]], dtypes },
    {
      run: (x, y) => matmul.matmul(x, y),
      shapes: [
        [2, 2, 3],
        [3, 2],
      ],
      dtypes,
    },
    {
      run: (x, y) => matmul.matmul(x, y),
      shapes: [
        [2, 3],
        [2, 3, 2],
      ],
      dtypes,
    },
    {
      run: (x, y) => matmul.matmul(x, y),
      shapes: [
        [2, 1, 2, 3],
        [2, 3, 2],
      ],
      dtypes,
    },
    {
      run: (x, y) => matmul.matmul(x, y),
      shapes: [
        [2, 0],
        [0, 3],
      ],
      dtypes,
    },
    {
      run: (x, y) => matmul.matmul(x, y),
      shapes: [
        [9, 10],
        [10, 17],
      ],
      dtypes,
    },
    { run: (x) => matmul.matmul(x, x.transpose(-2, -1)), shapes: [[2, 3]], dtypes },
  ],
  dot: { run: (x, y) => matmul.dot(x, y), shapes: [[4], [4]], dtypes },
  mv: { run: (x, y) => matmul.mv(x, y), shapes: [[2, 3], [3]], dtypes },
  mm: {
    run: (x, y) => matmul.mm(x, y),
    shapes: [
      [2, 3],
      [3, 2],
    ],
    dtypes,
  },
  bmm: {
    run: (x, y) => matmul.bmm(x, y),
    shapes: [
      [2, 2, 3],
      [2, 3, 2],
    ],
    dtypes,
  },
  outer: { run: (x, y) => matmul.outer(x, y), shapes: [[2], [3]], dtypes },
  addmm: [
    { run: (x, y, z) => matmul.addmm(x, y, z), shapes: [[2], [3, 2], [2, 2]], dtypes },
    {
      run: (x, y, z) => matmul.addmm(x, y, z, { alpha: 2, beta: 3 }),
      shapes: [
        [2, 2],
        [2, 3],
        [3, 2],
      ],
      dtypes,
    },
    { run: (x, y, z) => matmul.addmm(x, y, z, { beta: 0 }), shapes: [[], [2, 3], [3, 2]], dtypes },
  ],
  baddbmm: { run: (x, y, z) => matmul.baddbmm(x, y, z), shapes: [[2], [2, 2, 3], [2, 3, 2]], dtypes },
};

export const einsumCases: OpCases<typeof einsum> = {
  einsum: [
    {
      run: (x, y) => einsum.einsum("ij,jk->ki", x, y),
      shapes: [
        [2, 3],
        [3, 2],
      ],
      dtypes,
    },
    {
      run: (x, y) => einsum.einsum("bhqd,bhkd->bhqk", x, y),
      shapes: [
        [1, 2, 2, 3],
        [1, 2, 3, 3],
      ],
      dtypes,
    },
    {
      run: (x, y) => einsum.einsum("...i,ij", x, y),
      shapes: [
        [2, 2, 3],
        [3, 2],
      ],
      dtypes,
    },
    { run: (x) => einsum.einsum("iij->ji", x), shapes: [[3, 3, 2]], dtypes },
    { run: (x) => einsum.einsum("ii", x), shapes: [[3, 3]], dtypes },
    {
      run: (x, y, z) => einsum.einsum("bn,anm,bm->ba", x, y, z),
      shapes: [
        [2, 3],
        [2, 3, 2],
        [2, 2],
      ],
      dtypes,
    },
    {
      run: (x, y) => einsum.einsum("ij,kj->ik", x, y),
      shapes: [
        [2, 1],
        [2, 3],
      ],
      dtypes,
    },
  ],
};
