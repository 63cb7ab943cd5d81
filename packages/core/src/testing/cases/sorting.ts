import { dtypes } from "../../dtype.js";
import * as sorting from "../../ops/sorting.js";
import type { OpCases } from "../op-case.js";

const ordered = dtypes.filter((dtype) => dtype !== "bool");

export const sortingCases: OpCases<typeof sorting> = {
  sort: [
    { run: (x) => sorting.sort(x), shapes: [[2, 5]], dtypes },
    { run: (x) => sorting.sort(x, 0, { descending: true }), shapes: [[4, 3]], dtypes },
    { run: (x) => sorting.sort(x), shapes: [[]], dtypes },
    { run: (x) => sorting.sort(x, 1), shapes: [[2, 0, 3]], dtypes },
  ],
  argsort: { run: (x) => sorting.argsort(x, 0), shapes: [[5, 2]], dtypes, differentiable: false },
  topk: [
    { run: (x) => sorting.topk(x, 2), shapes: [[3, 5]], dtypes: ordered },
    { run: (x) => sorting.topk(x, 3, 0, { largest: false }), shapes: [[4, 2]], dtypes: ordered },
  ],
};
