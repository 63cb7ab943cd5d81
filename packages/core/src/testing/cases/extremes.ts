import { dtypes } from "../../dtype.js";
import * as extremes from "../../ops/extremes.js";
import type { OpCases } from "../op-case.js";

/** PyTorch finds no places in bools. */
const numbers = dtypes.filter((dtype) => dtype !== "bool");

export const extremesCases: OpCases<typeof extremes> = {
  amax: { run: (x) => extremes.amax(x, [0, 2], { keepdim: true }), shapes: [[2, 3, 2]], dtypes },
  amin: { run: (x) => extremes.amin(x, 1), shapes: [[2, 3]], dtypes },
  max: [
    { run: (x) => extremes.max(x), shapes: [[2, 3]], dtypes },
    { run: (x) => extremes.max(x, 0), shapes: [[3, 2]], dtypes },
    { run: (x, y) => extremes.max(x, y), shapes: [[2, 1], [3]], dtypes },
  ],
  min: [
    { run: (x) => extremes.min(x), shapes: [[]], dtypes },
    { run: (x) => extremes.min(x, -1, { keepdim: true }), shapes: [[3, 2]], dtypes },
    { run: (x, y) => extremes.min(x, y), shapes: [[2, 1], [3]], dtypes },
  ],
  argmax: [
    { run: (x) => extremes.argmax(x), shapes: [[2, 3]], dtypes: numbers, differentiable: false },
    { run: (x) => extremes.argmax(x, 1, { keepdim: true }), shapes: [[2, 3]], dtypes: numbers, differentiable: false },
  ],
  argmin: { run: (x) => extremes.argmin(x, 0), shapes: [[3, 2]], dtypes: numbers, differentiable: false },
};
