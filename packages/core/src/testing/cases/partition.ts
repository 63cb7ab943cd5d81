import { dtypes } from "../../dtype.js";
import * as partition from "../../ops/partition.js";
import type { OpCases } from "../op-case.js";

export const partitionCases: OpCases<typeof partition> = {
  narrow: [
    { run: (x) => partition.narrow(x, 1, 1, 2), shapes: [[2, 4]], dtypes },
    { run: (x) => partition.narrow(x, 0, -3, 0), shapes: [[4]], dtypes },
  ],
  split: [
    { run: (x) => partition.split(x, 2), shapes: [[5, 2]], dtypes },
    { run: (x) => partition.split(x, [1, 0, 3], 1), shapes: [[2, 4]], dtypes },
  ],
  chunk: { run: (x) => partition.chunk(x, 3, -1), shapes: [[2, 7]], dtypes },
  unbind: { run: (x) => partition.unbind(x, 1), shapes: [[2, 3]], dtypes },
};
