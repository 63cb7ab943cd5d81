import { dtypes } from "../../dtype.js";
import * as scan from "../../ops/scan.js";
import type { OpCases } from "../op-case.js";

export const scanCases: OpCases<typeof scan> = {
  cumsum: [
    { run: (x) => scan.cumsum(x, 1), shapes: [[2, 3, 2]], dtypes },
    { run: (x) => scan.cumsum(x, 0), shapes: [[]], dtypes },
  ],
  cumprod: [
    { run: (x) => scan.cumprod(x, -1), shapes: [[2, 5]], dtypes },
    { run: (x) => scan.cumprod(x, 0), shapes: [[1, 2]], dtypes },
    { run: (x) => scan.cumprod(x, 0), shapes: [[0, 2]], dtypes },
  ],
};
