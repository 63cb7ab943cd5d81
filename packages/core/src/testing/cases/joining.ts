import { dtypes } from "../../dtype.js";
import * as joining from "../../ops/joining.js";
import type { OpCases } from "../op-case.js";

export const joiningCases: OpCases<typeof joining> = {
  cat: [
    {
      run: (x, y, z) => joining.cat([x, y, z], 1),
      shapes: [
        [2, 3],
        [2, 0],
        [2, 1],
      ],
      dtypes,
    },
    { run: (x, y) => joining.cat([x, y, x]), shapes: [[2], [3]], dtypes },
  ],
  stack: {
    run: (x, y) => joining.stack([x, y], -1),
    shapes: [
      [2, 3],
      [2, 3],
    ],
    dtypes,
  },
  hstack: {
    run: (x, y) => joining.hstack([x, y]),
    shapes: [
      [2, 1],
      [2, 2],
    ],
    dtypes,
  },
  vstack: { run: (x, y) => joining.vstack([x, y]), shapes: [[3], [2, 3]], dtypes },
  meshgrid: { run: (x, y) => joining.meshgrid([x, y], { indexing: "xy" }), shapes: [[2], [3]], dtypes },
};
