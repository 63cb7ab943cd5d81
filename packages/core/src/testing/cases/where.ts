import { dtypes } from "../../dtype.js";
import { where } from "../../ops/where.js";
import type { OpCases } from "../op-case.js";

export const whereCases: OpCases<{ where: typeof where }> = {
  where: [
    { run: (mask, x, y) => where(mask.gt(0), x, y), shapes: [[2, 1, 4], [4], [3, 1]], dtypes },
    { run: (x) => where(x.gt(0), x, 0), shapes: [[5]], dtypes },
    { run: (x) => where(x.le(0), -0.5, x), shapes: [[5]] },
  ],
};
