import * as statistics from "../../ops/composite/statistics.js";
import type { OpCases } from "../op-case.js";

export const statisticsCases: OpCases<typeof statistics> = {
  mean: [
    { run: (x) => statistics.mean(x, [0, 2]), shapes: [[2, 3, 2]] },
    { run: (x) => statistics.mean(x), shapes: [[]] },
  ],
  var: [
    { run: (x) => statistics.var(x, 1, { correction: 0, keepdim: true }), shapes: [[2, 4]] },
    { run: (x) => statistics.var(x), shapes: [[2, 3]] },
  ],
  std: { run: (x) => statistics.std(x, 0), shapes: [[4, 2]] },
  norm: [
    { run: (x) => statistics.norm(x), shapes: [[2, 3]] },
    { run: (x) => statistics.norm(x, 1, 0), shapes: [[3, 2]], range: [0.2, 2] },
    { run: (x) => statistics.norm(x, 3, [0, 1], { keepdim: true }), shapes: [[2, 3]], range: [0.2, 2] },
    { run: (x) => statistics.norm(x, 0.5, 1), shapes: [[2, 3]], range: [0.2, 2] },
    { run: (x) => statistics.norm(x, Infinity, 1), shapes: [[2, 3]], range: [0.2, 2] },
    { run: (x) => statistics.norm(x, -Infinity), shapes: [[2, 3]], range: [0.2, 2] },
    { run: (x) => statistics.norm(x, 0), shapes: [[2, 3]], differentiable: false },
  ],
};
