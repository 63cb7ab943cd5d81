import { dtypes } from "../../dtype.js";
import * as repetition from "../../ops/repetition.js";
import type { OpCases } from "../op-case.js";

export const repetitionCases: OpCases<typeof repetition> = {
  repeat: [
    { run: (x) => repetition.repeat(x, 3, 1, 2), shapes: [[2, 2]], dtypes },
    { run: (x) => repetition.repeat(x, 0, 2), shapes: [[2, 2]], dtypes },
  ],
  tile: { run: (x) => repetition.tile(x, 2), shapes: [[2, 3]], dtypes },
  repeatInterleave: [
    { run: (x) => repetition.repeatInterleave(x, 2), shapes: [[2, 2]], dtypes },
    { run: (x) => repetition.repeatInterleave(x, 3, 0), shapes: [[2, 2]], dtypes },
  ],
};
