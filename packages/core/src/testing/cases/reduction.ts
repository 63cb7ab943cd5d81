import { dtypes } from "../../dtype.js";
import * as reduction from "../../ops/reduction.js";
import type { OpCases } from "../op-case.js";

export const reductionCases: OpCases<typeof reduction> = {
  sum: [
    { run: (x) => reduction.sum(x), shapes: [[2, 3]], dtypes },
    { run: (x) => reduction.sum(x, [0, -1], { keepdim: true }), shapes: [[2, 3, 2]], dtypes },
    { run: (x) => reduction.sum(x, 1), shapes: [[2, 0]], dtypes },
    { run: (x) => reduction.sum(x), shapes: [[]], dtypes },
  ],
  prod: [
    { run: (x) => reduction.prod(x), shapes: [[2, 3]], dtypes },
    { run: (x) => reduction.prod(x, 1, { keepdim: true }), shapes: [[2, 3, 2]], dtypes },
    { run: (x) => reduction.prod(x, 0), shapes: [[0, 2]], dtypes },
  ],
  all: { run: (x) => reduction.all(x, 1), shapes: [[2, 3]], dtypes, differentiable: false },
  any: { run: (x) => reduction.any(x, [0, 1], { keepdim: true }), shapes: [[2, 3]], dtypes, differentiable: false },
  countNonzero: { run: (x) => reduction.countNonzero(x, 0), shapes: [[2, 3]], dtypes, differentiable: false },
};
