import { dtypes } from "../../dtype.js";
import * as diagonals from "../../ops/diagonals.js";
import type { OpCases } from "../op-case.js";

export const diagonalsCases: OpCases<typeof diagonals> = {
  tril: [
    { run: (x) => diagonals.tril(x), shapes: [[3, 3]], dtypes },
    { run: (x) => diagonals.tril(x, -1), shapes: [[2, 3, 2]], dtypes },
  ],
  triu: [
    { run: (x) => diagonals.triu(x, 1), shapes: [[3, 4]], dtypes },
    { run: (x) => diagonals.triu(x), shapes: [[0, 3]], dtypes },
  ],
  diag: [
    { run: (x) => diagonals.diag(x, -1), shapes: [[3]], dtypes },
    { run: (x) => diagonals.diag(x, 1), shapes: [[2, 4]], dtypes },
  ],
  diagonal: [
    { run: (x) => diagonals.diagonal(x, -1, 0, 2), shapes: [[3, 2, 4]], dtypes },
    { run: (x) => diagonals.diagonal(x, 5), shapes: [[2, 3]], dtypes },
  ],
};
