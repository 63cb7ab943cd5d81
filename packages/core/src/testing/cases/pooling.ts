import * as pooling from "../../ops/composite/pooling.js";
import type { OpCases } from "../op-case.js";

const apart = { kernel: [2, 2], stride: [2, 2], padding: [0, 0], dilation: [1, 1] };
const gaps = { kernel: [1, 2], stride: [2, 3], padding: [0, 0], dilation: [1, 1] };
const overlapping = { kernel: [3, 2], stride: [2, 1], padding: [1, 0], dilation: [1, 2] };
const row = { kernel: [3], stride: [2], padding: [1], dilation: [1] };

export const poolingCases: OpCases<typeof pooling> = {
  maxPool: [
    { run: (x) => pooling.maxPool(x, [2, 2], apart), shapes: [[2, 4, 4]] },
    // The last windows reach beyond the last elements; then, elements are left over.
    { run: (x) => pooling.maxPool(x, [2, 2], apart), shapes: [[2, 3, 3]] },
    { run: (x) => pooling.maxPool(x, [1, 2], apart), shapes: [[2, 1, 3, 5]] },
    { run: (x) => pooling.maxPool(x, [2, 2], gaps), shapes: [[2, 4, 6]] },
    { run: (x) => pooling.maxPool(x, [3, 3], overlapping), shapes: [[2, 5, 5]] },
    { run: (x) => pooling.maxPool(x, [3], row), shapes: [[2, 5]] },
  ],
  maxPoolIndices: [
    { run: (x) => pooling.maxPoolIndices(x, [2, 2], apart), shapes: [[2, 4, 4]], differentiable: false },
    { run: (x) => pooling.maxPoolIndices(x, [3, 3], overlapping), shapes: [[2, 5, 5]], differentiable: false },
  ],
  avgPool: [
    {
      run: (x) => pooling.avgPool(x, [2, 2], apart, { countIncludePad: true, divisorOverride: null }),
      shapes: [[2, 4, 4]],
    },
    {
      run: (x) => pooling.avgPool(x, [3, 3], overlapping, { countIncludePad: true, divisorOverride: 5 }),
      shapes: [[2, 5, 5]],
    },
    {
      run: (x) => pooling.avgPool(x, [3], row, { countIncludePad: false, divisorOverride: null }),
      shapes: [[2, 5]],
    },
    {
      run: (x) => pooling.avgPool(x, [4], row, { countIncludePad: true, divisorOverride: null }),
      shapes: [[2, 6]],
    },
  ],
};
