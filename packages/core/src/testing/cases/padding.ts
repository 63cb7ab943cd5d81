import { dtypes } from "../../dtype.js";
import * as padding from "../../ops/padding.js";
import type { OpCases } from "../op-case.js";

export const paddingCases: OpCases<typeof padding> = {
  pad: [
    { run: (x) => padding.pad(x, [1, 2]), shapes: [[2, 3]], dtypes },
    { run: (x) => padding.pad(x, [2, 0, -1, 1], { value: 1 }), shapes: [[3, 2]], dtypes },
    { run: (x) => padding.pad(x, [2, 1, 1, 0], { mode: "reflect" }), shapes: [[2, 3]], dtypes },
    { run: (x) => padding.pad(x, [3, 1], { mode: "replicate" }), shapes: [[2, 2]], dtypes },
    { run: (x) => padding.pad(x, [1, 2], { mode: "circular" }), shapes: [[2, 3]], dtypes },
  ],
};
